"""LOGISTIC, int16."""

from __future__ import annotations

from edgewright.ops.base import Op
from edgewright.ops.families.elements_int16 import SigmoidInt16


class LogisticInt16(SigmoidInt16):
    """1 / (1 + exp(-x))."""

    name = "LOGISTIC"


TYPED: tuple[Op, ...] = (LogisticInt16(),)
