"""ADD, int8, with broadcasting of both sides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edgewright.kernels import weighted
from edgewright.kernels.broadcast import loop_fields, same_place
from edgewright.kernels.call import Argument, Call, Input, Output, Scalar
from edgewright.kernels.quant import quantize_multiplier, scale, zero_point
from edgewright.ops.base import Op
from edgewright.ops.families.binary import check_binary
from edgewright.ops.families.elements_float32 import BinaryFloat
from edgewright.ops.families.whole import BinaryWhole
from edgewright.tflite.graph import View

LEFT_SHIFT = 20
"""Bits that inputs gain before they are brought to a common scale."""


class Add(Op):
    """Both inputs are brought to twice the larger scale, summed, and brought to the output's scale."""

    name = "ADD"
    versions = range(1, 6)
    inputs = range(2, 3)

    def check(self, view: View) -> Iterator[str]:
        faults = list(check_binary(view))
        yield from faults
        if not faults and max(real_multipliers(view)) >= 1.0:
            yield "the output's scale is too small for the inputs' scales"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        a, b = view.input(0), view.input(1)
        first, second, out = (quantize_multiplier(real) for real in real_multipliers(view))
        arguments: tuple[Argument, ...] = (
            Input("a", 0),
            Input("b", 1),
            Output("output"),
            *(Scalar("a_zp", zero_point(a)), Scalar("a_multiplier", first[0]), Scalar("a_shift", -first[1])),
            *(Scalar("b_zp", zero_point(b)), Scalar("b_multiplier", second[0]), Scalar("b_shift", -second[1])),
            *(Scalar("multiplier", out[0]), Scalar("shift", -out[1])),
            *weighted.output_scalars(view),
        )
        return (Call("add_s8_ref", "ew_binary_s8_shape", loop_fields(a.shape, b.shape), arguments),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        return same_place(view)


def real_multipliers(view: View) -> tuple[float, float, float]:
    """Factors of first input, second input and sum."""
    a, b, out = scale(view.input(0)), scale(view.input(1)), scale(view.output())
    twice = 2 * max(a, b)
    return a / twice, b / twice, twice / ((1 << LEFT_SHIFT) * out)


OP = Add()
TYPED: tuple[Op, ...] = (
    BinaryFloat("ADD", range(1, 6)),
    BinaryWhole("ADD", range(1, 6)),
)
