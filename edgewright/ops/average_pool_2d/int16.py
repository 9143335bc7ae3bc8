"""AVERAGE_POOL_2D, int16."""

from __future__ import annotations

from edgewright.ops.base import Op
from edgewright.ops.families.elements_int16 import PoolInt16


class AveragePool2DInt16(PoolInt16):
    """Halves are rounded away from zero."""

    name = "AVERAGE_POOL_2D"


TYPED: tuple[Op, ...] = (AveragePool2DInt16(),)
