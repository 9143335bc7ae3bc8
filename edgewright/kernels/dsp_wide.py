"""Constants of the int16 DSP kernels: what the compiler proves of sums, and factors of one multiplication.

TensorFlow Lite Micro sums int16 data in 64 bits. Where |bias| + 2^15 * sum of |weights| is below 2^31, 32 bits give the
same, and (sum * m + 2^(s - 1)) >> s is the upper word of sum * (m << (32 - s)), rounded: see ew_dsp_gemm_s16.h.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels import dsp_layout
from edgewright.kernels.wide import wide_factors

_LOW_SHIFT, _HIGH_SHIFT = 16, 32


@dataclass(frozen=True, eq=False)
class WideChannels:
    """What an int16 operator with weights needs of each output channel.

    Attributes:
        weights: int8, rows of (channels, depth).
        bias: int64 (channels,).
        reals: float64 (channels,), accumulator scale / output scale.
    """

    weights: NDArray[np.int8]
    bias: NDArray[np.int64]
    reals: NDArray[np.float64]

    def bounds(self) -> NDArray[np.int64]:
        """int64 (channels,): no sum of a channel is larger in magnitude."""
        return np.asarray(np.abs(self.bias) + (np.abs(self.weights.astype(np.int64)).sum(axis=1) << 15), np.int64)

    def unsupported(self) -> str | None:
        """Why sums of 32 bits, or one multiplication, would not be exact; None where they are."""
        for channel, bound in enumerate(self.bounds()):
            if bound >= 1 << 31:
                return f"sums of channel {channel} may reach 2^{int(bound).bit_length() - 1}"
        multiplier, shift = wide_factors(self.reals)
        outside = np.flatnonzero((multiplier != 0) & ((shift < _LOW_SHIFT) | (shift > _HIGH_SHIFT)))
        return f"channel {outside[0]} has shift {shift[outside[0]]}" if outside.size else None

    def factors(self) -> NDArray[np.int32]:
        """int32 (channels,): m << (32 - s)."""
        multiplier, shift = wide_factors(self.reals)
        places = np.where(multiplier == 0, 0, _HIGH_SHIFT - shift.astype(np.int64))
        return np.asarray(multiplier.astype(np.int64) << places, np.int32)


def gemm_stream(of: WideChannels, weights: NDArray[np.int8]) -> NDArray[np.int32]:
    """The stream of `ew_dsp_gemm_s16`.

    Args:
        of: biases and factors.
        weights: int8 (channels, depth) in the order of the block, depth even.
    """
    last, factors = len(weights) - 1, of.factors()
    pairs = [(first, min(first + 1, last)) for first in range(0, last + 1, 2)]
    return np.concatenate([_gemm_pair(of.bias, factors, weights, a, b) for a, b in pairs])


def _gemm_pair(
    bias: NDArray[np.int64], factors: NDArray[np.int32], weights: NDArray[np.int8], a: int, b: int
) -> NDArray[np.int32]:
    words = np.ascontiguousarray(np.stack([weights[a], weights[b]], axis=1)).reshape(-1).view("<i4")
    ends = [int(factors[a]), 2 * a, int(factors[b]), 2 * b]
    return np.concatenate([dsp_layout.wrapped([int(bias[a]), int(bias[b])]), words, dsp_layout.wrapped(ends)])


def dense_stream(of: WideChannels) -> NDArray[np.int32]:
    """The stream of `ew_fully_connected_s16_dsp`: four channels at a time, depth up to a multiple of four."""
    weights = dsp_layout.padded(of.weights, dsp_layout.round_up4(of.weights.shape[1]))
    unbounded = np.zeros(len(weights), np.int64)  # sums of a pair have 64 bits
    pairs = list(dsp_layout.pairs(weights, unbounded))
    if len(pairs) % 2:  # the first of the last two comes to nothing
        pairs.insert(-1, pairs[-1])
    factors = of.factors()
    parts = [_four(of.bias, factors, weights, two) for two in zip(pairs[::2], pairs[1::2], strict=True)]
    return np.concatenate(parts)


def _four(
    bias: NDArray[np.int64],
    factors: NDArray[np.int32],
    weights: NDArray[np.int8],
    pairs: tuple[tuple[int | None, int], tuple[int | None, int]],
) -> NDArray[np.int32]:
    words = np.stack([dsp_layout.halves(weights, *pair).astype("<i2").view("<i4") for pair in pairs], axis=1)
    starts, ends = [], []
    for hi, lo in pairs:
        both = int(bias[lo]) + 256 * (0 if hi is None else int(bias[hi]))
        starts += [both, both >> 32, int(bias[lo])]
        upper = lo if hi is None else hi  # where there is no hi, lo is stored in its place afterwards
        ends += [int(factors[upper]), 2 * upper, int(factors[lo]), 2 * lo]
    return np.concatenate([dsp_layout.wrapped(starts), words.reshape(-1), dsp_layout.wrapped(ends)])
