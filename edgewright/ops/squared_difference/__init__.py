"""SQUARED_DIFFERENCE, int8, with broadcasting of both sides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edgewright.kernels.broadcast import loop_fields, same_place
from edgewright.kernels.call import Argument, Call, Input, Output, Scalar
from edgewright.kernels.quant import MAX_FACTOR, quantize_multiplier, scale, zero_point
from edgewright.ops.base import Op
from edgewright.ops.families.binary import check_binary
from edgewright.ops.families.elements_float32 import PairFloat
from edgewright.ops.families.whole import BinaryInt32
from edgewright.tflite.graph import View

_LEFT_SHIFT = 7
"""Bits that inputs gain before they are brought to a common scale: their squared difference still fits in 32."""


class SquaredDifference(Op):
    """Both inputs are brought to twice the larger scale; the square of their difference to the output's scale."""

    name = "SQUARED_DIFFERENCE"
    versions = range(1, 3)
    inputs = range(2, 3)

    def check(self, view: View) -> Iterator[str]:
        faults = list(check_binary(view))
        yield from faults
        if not faults and squared_reals(view, _LEFT_SHIFT)[2] >= MAX_FACTOR:
            yield "the output's scale is too small for the inputs' scales"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        a, b = view.input(0), view.input(1)
        first, second, out = (quantize_multiplier(real) for real in squared_reals(view, _LEFT_SHIFT))
        arguments: tuple[Argument, ...] = (
            Input("a", 0),
            Input("b", 1),
            Output("output"),
            *(Scalar("a_zp", zero_point(a)), Scalar("a_multiplier", first[0]), Scalar("a_shift", -first[1])),
            *(Scalar("b_zp", zero_point(b)), Scalar("b_multiplier", second[0]), Scalar("b_shift", -second[1])),
            *(Scalar("multiplier", out[0]), Scalar("shift", -out[1]), Scalar("out_zp", zero_point(view.output()))),
        )
        fields = loop_fields(a.shape, b.shape)
        return (Call("squared_difference_s8_ref", "ew_binary_s8_shape", fields, arguments),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        return same_place(view)


def squared_reals(view: View, left_shift: int) -> tuple[float, float, float]:
    """Factors of first input, second input and square, for inputs that gain `left_shift` bits."""
    a, b, out = scale(view.input(0)), scale(view.input(1)), scale(view.output())
    twice = 2 * max(a, b)
    return a / twice, b / twice, twice * twice / ((1 << 2 * left_shift) * out)


OP = SquaredDifference()
TYPED: tuple[Op, ...] = (
    PairFloat("SQUARED_DIFFERENCE", range(1, 3)),
    BinaryInt32("SQUARED_DIFFERENCE", range(1, 3)),
)
