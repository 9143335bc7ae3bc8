"""MINIMUM, int8, with broadcasting of both sides. As in TensorFlow Lite Micro scales are taken to be equal."""

from __future__ import annotations

from edgewright.ops.base import Op
from edgewright.ops.families.elements_float32 import PairFloat
from edgewright.ops.families.extremum import Extremum
from edgewright.ops.families.rows_int16 import ExtremumInt16
from edgewright.ops.families.whole import BinaryWhole


class Minimum(Extremum):
    """The smaller of two elements."""

    name = "MINIMUM"


OP = Minimum()
TYPED: tuple[Op, ...] = (
    ExtremumInt16("MINIMUM"),
    PairFloat("MINIMUM", range(1, 5)),
    BinaryWhole("MINIMUM", range(1, 5)),
)
