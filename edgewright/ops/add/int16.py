"""ADD, int16."""

from __future__ import annotations

from edgewright.ops.base import Op
from edgewright.ops.families.elements_int16 import AddSubInt16


class AddInt16(AddSubInt16):
    """a + b."""

    name = "ADD"


TYPED: tuple[Op, ...] = (AddInt16(),)
