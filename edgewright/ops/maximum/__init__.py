"""MAXIMUM, int8, with broadcasting of both sides. As in TensorFlow Lite Micro scales are taken to be equal."""

from __future__ import annotations

from edgewright.ops.base import Op
from edgewright.ops.families.elements_float32 import PairFloat
from edgewright.ops.families.extremum import Extremum
from edgewright.ops.families.rows_int16 import ExtremumInt16
from edgewright.ops.families.whole import BinaryWhole


class Maximum(Extremum):
    """The greater of two elements."""

    name = "MAXIMUM"


OP = Maximum()
TYPED: tuple[Op, ...] = (
    ExtremumInt16("MAXIMUM"),
    PairFloat("MAXIMUM", range(1, 5)),
    BinaryWhole("MAXIMUM", range(1, 5)),
)
