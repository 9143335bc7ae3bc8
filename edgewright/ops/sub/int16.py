"""SUB, int16."""

from __future__ import annotations

from edgewright.ops.base import Op
from edgewright.ops.families.elements_int16 import AddSubInt16


class SubInt16(AddSubInt16):
    """a - b."""

    name = "SUB"


TYPED: tuple[Op, ...] = (SubInt16(),)
