"""Quantized arithmetic at build time, in the very steps of TensorFlow Lite Micro: multipliers, shifts, clamps.

Where TensorFlow Lite Micro computes in float32 this does too (numpy.float32), else in double.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from tflite.ActivationFunctionType import ActivationFunctionType as Activation

from edgewright.tflite.graph import Quantization, Tensor

INT8_MIN, INT8_MAX = -128, 127
INT32_MIN, INT32_MAX = -(1 << 31), (1 << 31) - 1

ACTIVATIONS = {
    Activation.NONE: "NONE",
    Activation.RELU: "RELU",
    Activation.RELU_N1_TO_1: "RELU_N1_TO_1",
    Activation.RELU6: "RELU6",
}
"""Fused activations with a meaning for int8."""


def quantization(tensor: Tensor) -> Quantization:
    """The quantization of a tensor that was checked to have one."""
    if tensor.quantization is None:
        raise ValueError(f"tensor {tensor.id} has no quantization: its operator's check let it through")
    return tensor.quantization


def scale(tensor: Tensor) -> float:
    """The scale of a per-tensor quantized tensor: a float32 value as a double."""
    return quantization(tensor).scale


def zero_point(tensor: Tensor) -> int:
    """The zero point of a per-tensor quantized tensor."""
    return quantization(tensor).zero_point


def round_half_away(x: float) -> int:
    """Nearest integer, halves away from zero: C's round()."""
    return int(math.copysign(math.floor(abs(x) + 0.5), x)) if abs(x) < 1 << 52 else int(x)


def quantize_multiplier(real: float) -> tuple[int, int]:
    """A real factor >= 0 as (multiplier, exponent): multiplier / 2^31 * 2^exponent, multiplier 0 or 2^30..2^31-1.

    QuantizeMultiplier of TensorFlow Lite: factors below 2^-32 become 0.
    """
    if real == 0.0:
        return 0, 0
    fraction, exponent = math.frexp(real)
    multiplier = round_half_away(fraction * (1 << 31))
    if multiplier == 1 << 31:
        multiplier, exponent = 1 << 30, exponent + 1
    return (0, 0) if exponent < -31 else (multiplier, exponent)


def channel_multipliers(reals: NDArray[np.float64]) -> tuple[NDArray[np.int32], NDArray[np.int8]]:
    """(multipliers, right shifts) of each channel's factor, as the kernels take them."""
    pairs = [quantize_multiplier(float(real)) for real in reals]
    return np.array([m for m, _ in pairs], np.int32), np.array([-e for _, e in pairs], np.int8)


def doubling_high_mul(a: int, b: int) -> int:
    """A * b / 2^31, halves rounded up, saturated: gemmlowp's SaturatingRoundingDoublingHighMul."""
    return min((a * b + (1 << 30)) >> 31, INT32_MAX)


def rounding_shift(x: int, shift: int) -> int:
    """X / 2^shift, halves away from zero: gemmlowp's RoundingDivideByPOT."""
    half = (1 << shift) >> 1
    return (x + half) >> shift if x >= 0 else -((-x + half) >> shift)


def wrap32(x: int) -> int:
    """X as a two's complement number of 32 bits."""
    return ((x + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)


def requantize(x: int, multiplier: int, exponent: int) -> int:
    """MultiplyByQuantizedMultiplier of TensorFlow Lite Micro (it rounds twice)."""
    left, right = max(exponent, 0), max(-exponent, 0)
    return rounding_shift(doubling_high_mul(wrap32(x << left), multiplier), right)


def clamp(x: int, low: int = INT8_MIN, high: int = INT8_MAX) -> int:
    """The nearest number to x in low..high."""
    return min(max(x, low), high)


def to_int8(x: int, zero: int, low: int = INT8_MIN, high: int = INT8_MAX) -> int:
    """The sum x + zero in 32 bits, clamped: the last step of every requantisation."""
    return clamp(wrap32(x + zero), low, high)


DIVIDES_IN_FLOAT32 = "divides_in_float32"
"""Option that the compiler may add to a node: the quotient of its scales in float32, as LiteRT has it."""


def rescaled(
    tensor: Tensor, output: Tensor, bounds: tuple[int, int], *, in_float32: bool = True
) -> Callable[[int], int]:
    """What changes a number from one int8 tensor's scale to that of another, clamped to `bounds`.

    The scales are divided in float32, as LiteRT does, or in double, as TensorFlow Lite Micro does.
    """
    factor = quantize_multiplier(
        quotient(scale(tensor), scale(output)) if in_float32 else scale(tensor) / scale(output)
    )
    before, after = zero_point(tensor), zero_point(output)
    return lambda x: to_int8(requantize(x - before, *factor), after, *bounds)


def quotient(a: float, b: float) -> float:
    """A / b in float32, as a double."""
    return float(np.float32(a) / np.float32(b))


MAX_FACTOR = float(1 << 30)
"""Factors at or above it would shift a number out of 32 bits."""


def quantize_value(real: float, tensor: Tensor) -> int:
    """A real number on the scale of a tensor, in float32, not clamped."""
    return zero_point(tensor) + round_half_away(float(np.float32(real) / np.float32(scale(tensor))))


def activation_range(
    activation: int, output: Tensor, limits: tuple[int, int] = (INT8_MIN, INT8_MAX)
) -> tuple[int, int]:
    """(min, max) of output values within the type's limits, under a fused activation."""
    low, high = limits
    if activation in (Activation.RELU, Activation.RELU6):
        low = max(low, quantize_value(0.0, output))
    if activation == Activation.RELU_N1_TO_1:
        low, high = max(low, quantize_value(-1.0, output)), min(high, quantize_value(1.0, output))
    if activation == Activation.RELU6:
        high = min(high, quantize_value(6.0, output))
    return low, high


def short_requant(accumulator_bounds: NDArray[np.int64], shifts: NDArray[np.int8]) -> bool:
    """Whether `ew_requantize_short` is exact: |acc| < 2^30 and right shift 1..30 for every channel.

    Args:
        accumulator_bounds: per channel, a bound of |acc| that also holds for every partial sum.
        shifts: right shifts per channel.
    """
    return bool(np.all(accumulator_bounds < 1 << 30) and np.all((shifts >= 1) & (shifts <= 30)))
