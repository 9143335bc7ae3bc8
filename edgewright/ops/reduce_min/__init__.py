"""REDUCE_MIN, int8, over any dimensions, on the scale of the input."""

from __future__ import annotations

from edgewright.ops.base import Op
from edgewright.ops.families.rows_float32 import ReduceFloat
from edgewright.ops.reduce_max import ReduceMax


class ReduceMin(ReduceMax):
    """The least of the reduced elements."""

    name = "REDUCE_MIN"


OP = ReduceMin()
TYPED: tuple[Op, ...] = (ReduceFloat("REDUCE_MIN"),)
