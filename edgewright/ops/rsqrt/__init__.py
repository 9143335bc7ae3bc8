"""RSQRT, int8: 1 / sqrt(x). Values of 0 and below give 127; TensorFlow Lite Micro stops at those below 0."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from edgewright.kernels.fixed_point import inverse_square_root
from edgewright.kernels.quant import INT8_MAX, quantize_multiplier, requantize, scale, to_int8, zero_point
from edgewright.ops.base import Op
from edgewright.ops.families.elements_float32 import UnaryFloat
from edgewright.ops.families.table import TableOp
from edgewright.tflite.graph import View

_FRACTION_BITS = 20


class Rsqrt(TableOp):
    """The root of the whole number, then the factor of the scales."""

    name = "RSQRT"
    versions = range(1, 4)

    def check(self, view: View) -> Iterator[str]:
        faults = list(super().check(view))
        yield from faults
        if not faults and quantize_multiplier(rsqrt_real(view))[1] > _FRACTION_BITS:
            yield "the output's scale is too small for the input's"

    def function(self, view: View) -> Callable[[int], int]:
        multiplier, exponent = quantize_multiplier(rsqrt_real(view))

        def value(x: int) -> int:
            whole = x - zero_point(view.input(0))
            if whole <= 0:
                return INT8_MAX
            root, root_exponent = inverse_square_root(whole)
            fine = requantize(1, root, root_exponent + _FRACTION_BITS)
            return to_int8(requantize(fine, multiplier, exponent - _FRACTION_BITS), zero_point(view.output()))

        return value


def rsqrt_real(view: View) -> float:
    """Factor from 1 / sqrt(x) of whole numbers to the output's scale."""
    return 1.0 / (math.sqrt(scale(view.input(0))) * scale(view.output()))


OP = Rsqrt()
TYPED: tuple[Op, ...] = (UnaryFloat("RSQRT", range(1, 4)),)
