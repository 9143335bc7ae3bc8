"""MAX_POOL_2D, int16."""

from __future__ import annotations

from edgewright.ops.base import Op
from edgewright.ops.families.elements_int16 import PoolInt16


class MaxPool2DInt16(PoolInt16):
    """The largest of what lies inside the image."""

    name = "MAX_POOL_2D"


TYPED: tuple[Op, ...] = (MaxPool2DInt16(),)
