"""DIV, int8, with broadcasting of both sides. A divisor of 0 is taken for the smallest one above it.

Quotients far below the output's scale are 0; TensorFlow Lite shifts by more than 31 bits there, and answers anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from edgewright.kernels.broadcast import loop_fields, same_place
from edgewright.kernels.call import Argument, Call, Input, Output, Scalar
from edgewright.kernels.quant import activation_range, quantize_multiplier, scale, zero_point
from edgewright.ops.base import Op
from edgewright.ops.families.binary import check_binary
from edgewright.ops.families.elements_float32 import PairFloat
from edgewright.ops.families.whole import QuotientInt32
from edgewright.tflite.graph import View

_MOST = float(1 << 22)
"""Greater factors would shift quotients to the left."""


class Div(Op):
    """The reciprocal by Newton's iteration, times the dividend, times the factor of the scales."""

    name = "DIV"
    versions = range(1, 3)
    inputs = range(2, 3)

    def check(self, view: View) -> Iterator[str]:
        faults = list(check_binary(view))
        yield from faults
        if not faults and _real(view) >= _MOST:
            yield "the output's scale is too small for the inputs' scales"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        a, b, output = view.input(0), view.input(1), view.output()
        multiplier, exponent = quantize_multiplier(_real(view))
        low, high = activation_range(view.option("fused_activation_function", 0), output)
        arguments: tuple[Argument, ...] = (
            *(Input("a", 0), Input("b", 1), Output("output")),
            *(Scalar("a_zp", zero_point(a)), Scalar("b_zp", zero_point(b))),
            *(Scalar("multiplier", multiplier), Scalar("shift", -exponent), Scalar("out_zp", zero_point(output))),
            *(Scalar("act_min", low), Scalar("act_max", high)),
        )
        return (Call("div_s8_ref", "ew_binary_s8_shape", loop_fields(a.shape, b.shape), arguments),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        return same_place(view)


def _real(view: View) -> float:
    """Of the quotient, in float32."""
    a, b, out = (np.float32(scale(tensor)) for tensor in (view.input(0), view.input(1), view.output()))
    with np.errstate(over="ignore", divide="ignore", under="ignore"):  # the check refuses what overflows
        return float(a / (b * out))


OP = Div()
TYPED: tuple[Op, ...] = (
    PairFloat("DIV", range(1, 3)),
    QuotientInt32("DIV", range(1, 4)),
)
