"""LOGISTIC, int8: 1 / (1 + exp(-x))."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from edgewright.kernels.fixed_point import logistic
from edgewright.kernels.quant import (
    INT8_MAX,
    INT8_MIN,
    clamp,
    quantization,
    requantize,
    round_half_away,
    rounding_shift,
    scale,
    zero_point,
)
from edgewright.ops.families.table import TableOp
from edgewright.tflite.graph import View

_INTEGER_BITS = 4


class Logistic(TableOp):
    """The output's zero point is -128; its scale is taken to be 1/256."""

    name = "LOGISTIC"
    versions = range(1, 4)

    def check(self, view: View) -> Iterator[str]:
        faults = list(super().check(view))
        yield from faults
        if not faults and quantization(view.output()).zero_point != INT8_MIN:
            yield "the output's zero point is not -128"

    def function(self, view: View) -> Callable[[int], int]:
        zero = zero_point(view.input(0))
        fraction, shift = math.frexp(scale(view.input(0)) * (1 << (31 - _INTEGER_BITS)))
        multiplier = round_half_away(fraction * (1 << 31))
        radius = math.floor(((1 << _INTEGER_BITS) - 1) * (1 << (31 - _INTEGER_BITS)) / 2.0**shift)

        def value(x: int) -> int:
            if abs(x - zero) >= radius:
                return INT8_MIN if x - zero <= -radius else INT8_MAX
            q4 = requantize(x - zero, multiplier, shift)
            return clamp(rounding_shift(logistic(q4, _INTEGER_BITS), 31 - 8) + INT8_MIN)

        return value


OP = Logistic()
