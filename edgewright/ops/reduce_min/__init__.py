"""REDUCE_MIN, int8, over any dimensions, on the scale of the input."""

from __future__ import annotations

from edgewright.ops.reduce_max import ReduceMax


class ReduceMin(ReduceMax):
    """The least of the reduced elements."""

    name = "REDUCE_MIN"


OP = ReduceMin()
