"""TANH, int16."""

from __future__ import annotations

from edgewright.ops.base import Op
from edgewright.ops.families.elements_int16 import SigmoidInt16


class TanhInt16(SigmoidInt16):
    """tanh(x)."""

    name = "TANH"
    kind = 1
    most_pot_shift = 1


TYPED: tuple[Op, ...] = (TanhInt16(),)
