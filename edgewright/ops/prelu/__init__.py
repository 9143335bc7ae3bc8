"""PRELU, int8: x for x >= 0, else alpha * x, with broadcasting of both sides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edgewright.kernels.broadcast import loop_fields, same_place
from edgewright.kernels.call import Argument, Call, Input, Output, Scalar
from edgewright.kernels.quant import MAX_FACTOR, quantize_multiplier, scale, zero_point
from edgewright.ops.base import Op
from edgewright.ops.families.binary import check_binary
from edgewright.ops.families.elements_float32 import PairFloat
from edgewright.tflite.graph import View


class Prelu(Op):
    """input, alpha."""

    name = "PRELU"
    inputs = range(2, 3)

    def check(self, view: View) -> Iterator[str]:
        faults = list(check_binary(view))
        yield from faults
        if not faults and max(_reals(view)) >= MAX_FACTOR:
            yield "the output's scale is too small for the inputs' scales"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        x, alpha = view.input(0), view.input(1)
        positive, negative = (quantize_multiplier(real) for real in _reals(view))
        arguments: tuple[Argument, ...] = (
            Input("input", 0),
            Input("alpha", 1),
            Output("output"),
            *(Scalar("in_zp", zero_point(x)), Scalar("alpha_zp", zero_point(alpha))),
            *(Scalar("multiplier", positive[0]), Scalar("shift", -positive[1])),
            *(Scalar("alpha_multiplier", negative[0]), Scalar("alpha_shift", -negative[1])),
            Scalar("out_zp", zero_point(view.output())),
        )
        return (Call("prelu_s8_ref", "ew_binary_s8_shape", loop_fields(x.shape, alpha.shape), arguments),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        return same_place(view)


def _reals(view: View) -> tuple[float, float]:
    """Factors of x and of alpha * x."""
    x, alpha, out = scale(view.input(0)), scale(view.input(1)), scale(view.output())
    return x / out, x * alpha / out


OP = Prelu()
TYPED: tuple[Op, ...] = (PairFloat("PRELU"),)
