"""Numbers of int16 operators: factors of 15 bits for sums of 64 bits, and the table of sigmoid and tanh.

As TensorFlow Lite Micro has them: see `ew_wide.h` for what kernels do with them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels.call import Const
from edgewright.kernels.quant import quantize_multiplier

MAX_FACTOR_WIDE = 2.0**14 - 2.0**-18
"""Factors of 64-bit sums are below it. TensorFlow Lite states shifts to the left of at most 7, and its arithmetic is
right up to 14; the next one, to which this number is rounded, would shift a 1 by -1 bit."""

MAX_BIAS = 1 << 46
"""Sums of 64 bits stay below 2^47 in magnitude when the bias is below this."""


def wide_factor(real: float) -> tuple[int, int]:
    """A factor as (multiplier of 15 bits, shift to the right)."""
    multiplier, exponent = quantize_multiplier(real)
    return 0x7FFF if multiplier >= 0x7FFF0000 else (multiplier + (1 << 15)) >> 16, 15 - exponent


def wide_factors(reals: NDArray[np.float64]) -> tuple[NDArray[np.int32], NDArray[np.int8]]:
    """(multipliers, shifts) of each channel's factor."""
    pairs = [wide_factor(float(real)) for real in reals]
    return np.array([m for m, _ in pairs], np.int32), np.array([s for _, s in pairs], np.int8)


def sigmoid_table() -> Const:
    """sigmoid(i / 24) * 2^16, i = 0..255: what sigmoid and tanh of int16 are interpolated in.

    Each entry is raised by half of what a straight line to the next one is too low in the middle; the last is 2^16 - 1.
    """
    places = np.arange(256)
    sag = _sigmoid(places + 0.5) - (_sigmoid(places) + _sigmoid(places + 1)) / 2
    values = np.floor(_sigmoid(places) + sag / 2 + 0.5).astype(np.uint16)
    values[-1] = 0xFFFF
    return Const("table", values, "sigmoid(i / 24), Q0.16", "uint16_t")


def _sigmoid(places: NDArray[Any]) -> NDArray[np.float64]:
    return np.asarray(65536.0 / (1.0 + np.exp(-places / 24.0)), np.float64)


def log2_of(scale: float) -> int | None:
    """The power of two that a scale is, to a thousandth; None when it is none."""
    power = math.log2(scale)
    rounded = math.floor(power + 0.5)
    return rounded if abs(power - rounded) < 1e-3 else None
