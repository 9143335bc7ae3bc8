"""MUL, int8, with broadcasting of both sides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edgewright.kernels import weighted
from edgewright.kernels.broadcast import loop_fields, same_place
from edgewright.kernels.call import Argument, Call, Input, Output, Scalar
from edgewright.kernels.quant import MAX_FACTOR, quantize_multiplier, scale, zero_point
from edgewright.ops.base import Op
from edgewright.ops.families.binary import check_binary
from edgewright.ops.families.elements_float32 import BinaryFloat
from edgewright.ops.families.whole import BinaryWhole
from edgewright.tflite.graph import View


class Mul(Op):
    """The product of the inputs without their zero points, brought to the output's scale."""

    name = "MUL"
    versions = range(1, 8)
    inputs = range(2, 3)

    def check(self, view: View) -> Iterator[str]:
        faults = list(check_binary(view))
        yield from faults
        if not faults and real_multiplier(view) >= MAX_FACTOR:
            yield "the output's scale is too small for the inputs' scales"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        a, b = view.input(0), view.input(1)
        multiplier, exponent = quantize_multiplier(real_multiplier(view))
        arguments: tuple[Argument, ...] = (
            Input("a", 0),
            Input("b", 1),
            Output("output"),
            Scalar("a_zp", zero_point(a)),
            Scalar("b_zp", zero_point(b)),
            Scalar("multiplier", multiplier),
            Scalar("shift", -exponent),
            *weighted.output_scalars(view),
        )
        return (Call("mul_s8_ref", "ew_binary_s8_shape", loop_fields(a.shape, b.shape), arguments),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        return same_place(view)


def real_multiplier(view: View) -> float:
    """Factor of the product."""
    return scale(view.input(0)) * scale(view.input(1)) / scale(view.output())


OP = Mul()
TYPED: tuple[Op, ...] = (
    BinaryFloat("MUL", range(1, 8)),
    BinaryWhole("MUL", range(1, 8)),
)
