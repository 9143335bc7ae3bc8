"""TANH, int8."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from edgewright.kernels.fixed_point import tanh
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
from edgewright.ops.families.table import RealTableOp, TableOp
from edgewright.tflite.graph import View

_INTEGER_BITS = 4

RESCALES = "rescales"
"""Option: the output's own scale and zero point hold, as in LiteRT."""


class _Rescaled(RealTableOp):
    """LiteRT's: on any scale and zero point of the output."""

    name = "TANH"

    def real(self, view: View, x: np.float32) -> np.float32:
        return np.float32(math.tanh(float(x)))


class Tanh(TableOp):
    """The output's zero point is 0, and its scale is taken to be 1/128, unless the answer is to be LiteRT's."""

    name = "TANH"
    versions = range(1, 4)

    def check(self, view: View) -> Iterator[str]:
        faults = list(super().check(view))
        yield from faults
        if not faults and not view.option(RESCALES) and quantization(view.output()).zero_point != 0:
            yield "the output's zero point is not 0"

    def function(self, view: View) -> Callable[[int], int]:
        if view.option(RESCALES):
            return _Rescaled().function(view)
        zero = zero_point(view.input(0))
        fraction, shift = math.frexp(scale(view.input(0)) * (1 << (31 - _INTEGER_BITS)))
        multiplier = round_half_away(fraction * (1 << 31))
        radius = math.floor(((1 << _INTEGER_BITS) - 1) * (1 << (31 - _INTEGER_BITS)) / 2.0**shift)

        def value(x: int) -> int:
            if abs(x - zero) >= radius:
                return INT8_MIN if x - zero <= -radius else INT8_MAX
            q4 = requantize(x - zero, multiplier, shift)
            return clamp(rounding_shift(tanh(q4, _INTEGER_BITS), 31 - 7))

        return value


OP = Tanh()
