"""SQUARED_DIFFERENCE, int16."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.kernels.broadcast import loop_fields
from edgewright.kernels.call import Call, Scalar
from edgewright.kernels.quant import MAX_FACTOR
from edgewright.ops.base import Op
from edgewright.ops.families.elements_int16 import BinaryInt16, factor_scalars
from edgewright.ops.families.int16 import PAIR
from edgewright.ops.squared_difference import squared_reals
from edgewright.tflite.graph import View


class SquaredDifferenceInt16(BinaryInt16):
    """Both inputs are brought to twice the larger scale; the square of their difference to the output's scale."""

    name = "SQUARED_DIFFERENCE"
    versions = range(1, 3)

    def check_scales(self, view: View) -> Iterator[str]:
        if squared_reals(view, 0)[2] >= MAX_FACTOR:
            yield "the output's scale is too small for the inputs' scales"

    def factors(self, view: View) -> tuple[Scalar, ...]:
        return factor_scalars(squared_reals(view, 0))

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        fields = loop_fields(view.input(0).shape, view.input(1).shape)
        return (Call("squared_difference_s16_ref", "ew_binary_s8_shape", fields, (*PAIR, *self.factors(view))),)


TYPED: tuple[Op, ...] = (SquaredDifferenceInt16(),)
