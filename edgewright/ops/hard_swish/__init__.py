"""HARD_SWISH, int8: x * min(max(x + 3, 0), 6) / 6."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from edgewright.kernels.quant import clamp, quantize_multiplier, rounding_shift, scale, zero_point
from edgewright.ops.base import Op
from edgewright.ops.families.elements_float32 import UnaryFloat
from edgewright.ops.families.table import TableOp
from edgewright.tflite.graph import View

_INT16_MIN, _INT16_MAX = -(1 << 15), (1 << 15) - 1


class HardSwish(TableOp):
    """In 16-bit fixed point, step by step as TensorFlow Lite Micro does it."""

    name = "HARD_SWISH"

    def check(self, view: View) -> Iterator[str]:
        faults = list(super().check(view))
        yield from faults
        if not faults and _factors(view)[0][1] > 0:
            yield "the output's scale is too small for the input's"

    def function(self, view: View) -> Callable[[int], int]:
        (output, output_exponent), (gate, gate_exponent) = _factors(view)

        def value(x: int) -> int:
            fine = (x - zero_point(view.input(0))) * (1 << 7)
            share = (_gate(fine, gate, gate_exponent) + (1 << 15)) >> 1
            product = int(share * _rounding_high_mul(fine, output) / (1 << 15))
            return clamp(_wrap16(rounding_shift(product, -output_exponent) + zero_point(view.output())))

        return value


def _factors(view: View) -> tuple[tuple[int, int], tuple[int, int]]:
    """(16-bit multiplier, exponent) of input to output scale, and of input to a scale on which 3.0 is 2^15."""
    fine = np.float32(1 / 128) * np.float32(scale(view.input(0)))
    reals = (fine / np.float32(scale(view.output())), fine / (np.float32(3) / np.float32(32768)))
    (output, output_exponent), (gate, gate_exponent) = (quantize_multiplier(float(real)) for real in reals)
    return (_to_int16(output), output_exponent), (_to_int16(gate), gate_exponent)


def _gate(x: int, multiplier: int, exponent: int) -> int:
    """X on a scale on which 3.0 is 2^15, saturated to int16."""
    if exponent > 0:
        x = _rounding_high_mul(_saturate(x << (exponent - 1)), multiplier)
        return _saturate(x << 1)
    return rounding_shift(_rounding_high_mul(x, multiplier), -exponent)


def _rounding_high_mul(a: int, b: int) -> int:
    product = a * b
    nudged = product + (1 << 14) if product >= 0 else product + 1 - (1 << 14)
    return nudged >> 15 if nudged >= 0 else -(-nudged >> 15)


def _to_int16(multiplier: int) -> int:
    return min((multiplier + (1 << 15)) >> 16, _INT16_MAX)


def _saturate(x: int) -> int:
    return clamp(x, _INT16_MIN, _INT16_MAX)


def _wrap16(x: int) -> int:
    return ((x + (1 << 15)) & 0xFFFF) - (1 << 15)


OP = HardSwish()
TYPED: tuple[Op, ...] = (UnaryFloat("HARD_SWISH"),)
