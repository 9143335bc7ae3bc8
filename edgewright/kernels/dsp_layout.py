"""Constants of the DSP kernels: pairs of channels packed into halfwords, requantisation as one multiply-add.

Two channels `lo` and `hi` share halfwords 256 * w[hi] + w[lo]. A multiply-add with such a word and one with its low
bytes alone (SXTB16) give both sums; the difference is 256 * hi, exact modulo 2^24. See ew_dsp_gemm.h.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels.call import Packing
from edgewright.kernels.quant import zero_point
from edgewright.kernels.weighted import Channels
from edgewright.tflite.graph import View

HI_BOUND = 1 << 23
"""A channel in the high half of a pair keeps its sum below this."""


class UnfitError(Exception):
    """Why a DSP kernel cannot do a node, in a few words."""


@dataclass(frozen=True, eq=False)
class Finish:
    """What turns sums into int8 outputs, by channel.

    y = (SMMLAR(2 * sum, multiplier, constant) [- 1 if sum < 0]) >> shift, saturated to int8.
    """

    multiplier: NDArray[np.int32]
    constant: NDArray[np.int32]
    shift: NDArray[np.int32]


def finish(of: Channels, out_zp: int) -> Finish:
    """The short requantisation of all channels.

    Raises:
        UnfitError: for a channel it would not be exact.
    """
    rows = [
        _finish(int(m), int(e), int(b), out_zp, c)
        for c, (m, e, b) in enumerate(zip(of.multiplier, of.shift, of.bounds, strict=True))
    ]
    columns = np.array(rows, np.int64).astype(np.int32).T
    return Finish(columns[0], columns[1], columns[2])


def unsupported(of: Channels, view: View) -> str | None:
    """Why the requantisation of a node is not exact for all its channels, or None."""
    try:
        finish(of, zero_point(view.output()))
    except UnfitError as reason:
        return str(reason)
    return None


def _finish(multiplier: int, shift: int, bound: int, out_zp: int, channel: int) -> tuple[int, int, int]:
    largest = (bound * multiplier >> 31) + 1
    if bound >= 1 << 30:
        raise UnfitError(f"sums of channel {channel} may reach 2^{bound.bit_length() - 1}")
    if shift < 1:
        raise UnfitError(f"channel {channel} is scaled up (shift {shift})")
    if multiplier == 0 or largest < 1 << (shift - 1):
        return 0, (out_zp << 8) + 128, 8  # rounds to the zero point whatever the sum
    constant = (1 << (shift - 1)) + (out_zp << shift)
    if abs(constant) + largest + 1 >= 1 << 31:
        raise UnfitError(f"channel {channel} has shift {shift} and sums to 2^{bound.bit_length() - 1}")
    return multiplier, constant, shift


def pairs(weights: NDArray[np.int8], bounds: NDArray[np.int64]) -> Iterator[tuple[int | None, int]]:
    """(hi, lo) of channels such that all their halfwords are int16 and hi's sums are below HI_BOUND.

    Neighbours where possible; a channel that finds no partner is lo of a pair without hi.

    Args:
        weights: (channels, depth).
        bounds: int64 (channels,): bound of the magnitude of each channel's sums.
    """
    for first in range(0, len(weights) - 1, 2):
        fitting = [(hi, lo) for hi, lo in ((first + 1, first), (first, first + 1)) if fits(weights, bounds, hi, lo)]
        if fitting:
            yield fitting[0]
        else:
            yield None, first
            yield None, first + 1
    if len(weights) % 2:
        yield None, len(weights) - 1


def fits(weights: NDArray[np.int8], bounds: NDArray[np.int64], hi: int, lo: int) -> bool:
    """Whether the halfwords of two channels are int16, and the sums of hi below HI_BOUND."""
    return bool(bounds[hi] < HI_BOUND and np.all(halves(weights, hi, lo) >= -(1 << 15)))


def halves(weights: NDArray[np.int8], hi: int | None, lo: int) -> NDArray[np.int32]:
    """256 * weights of hi, or of zeros, + weights of lo."""
    low = weights[lo].astype(np.int32)
    return low if hi is None else np.asarray(low + weights[hi].astype(np.int32) * 256, np.int32)


def pair_words(weights: NDArray[np.int8], hi: int | None, lo: int) -> NDArray[np.int32]:
    """The words of a pair: for each four values k..k+3 the halfwords (k, k+2), then (k+1, k+3).

    Args:
        weights: (channels, depth), depth a multiple of 4.
        hi: channel of the high bytes, None for zeros.
        lo: channel of the low bytes.
    """
    quads = halves(weights, hi, lo).reshape(-1, 4)
    ordered = np.ascontiguousarray(quads[:, [0, 2, 1, 3]]).astype("<i2").reshape(-1)
    return ordered.view("<i4").astype(np.int32)


def wrapped(values: NDArray[np.int64] | list[int]) -> NDArray[np.int32]:
    """Values modulo 2^32."""
    return (np.asarray(values, np.int64) & 0xFFFFFFFF).astype(np.uint32).view(np.int32)


def padded(weights: NDArray[np.int8], depth: int) -> NDArray[np.int8]:
    """Rows of weights with zeros behind, `depth` long."""
    return np.pad(weights, ((0, 0), (0, depth - weights.shape[1])))


@dataclass(frozen=True, eq=False)
class Pair:
    """What the stream holds of two channels: biases, words of weights, and the ends of hi and lo."""

    biases: NDArray[np.int32]
    words: NDArray[np.int32]
    ends: NDArray[np.int32]


def packed_pairs(of: Channels, weights: NDArray[np.int8], out_zp: int, relu: bool) -> list[Pair]:
    """All channels in pairs.

    Args:
        of: channels with their biases and factors.
        weights: int8 (channels, depth) in the order of the block, depth a multiple of 4.
        out_zp: zero point of the output.
        relu: for functions that end all channels with a constant shift.

    Raises:
        UnfitError: results would not be exact.
    """
    ends = constant_shift(of, out_zp) if relu else finish(of, out_zp)
    return [_pair(of, ends, weights, hi, lo, relu) for hi, lo in pairs(weights, of.bounds)]


def _pair(of: Channels, ends: Finish, weights: NDArray[np.int8], hi: int | None, lo: int, relu: bool) -> Pair:
    upper = lo if hi is None else hi  # where there is no hi, lo is stored in its place afterwards
    low, high = int(of.bias[lo]), 0 if hi is None else int(of.bias[hi])
    shift = 8 - int(ends.shift[upper]) if relu else int(ends.shift[upper])
    tails = [tail(ends, upper, shift), tail(ends, lo, int(ends.shift[lo]))]
    return Pair(wrapped([low, 256 * high + low]), pair_words(weights, hi, lo), np.concatenate(tails))


def gemm_stream(of: Channels, weights: NDArray[np.int8], out_zp: int, relu: bool, used: int) -> NDArray[np.int32]:
    """The stream of `ew_dsp_gemm_relu` or `ew_dsp_gemm_linear`, with so many values; see `packed_pairs`."""
    found = packed_pairs(of, weights, out_zp, relu)
    return np.concatenate([part for pair in found for part in (pair.biases, pair.words[: used // 2], pair.ends)])


def packing(depth: int, channels: int = 2) -> Packing:
    """Of a stream of rows of that depth: biases, words of weights, ends, for so many channels at a time."""
    return Packing(lead=4 * channels, body=depth * channels, tail=12 * channels)


def tail(ends: Finish, channel: int, shift: int) -> NDArray[np.int32]:
    """The words that end a channel: multiplier, constant, shift and number."""
    return wrapped([int(ends.multiplier[channel]), int(ends.constant[channel]), shift | channel << 8])


def round_up4(count: int) -> int:
    """The next multiple of 4."""
    return -(-count // 4) * 4


CONSTANT_SHIFT = 12
"""The shift that ends all channels of a layer with a fused ReLU, as part of SSAT."""


def constant_shift(of: Channels, out_zp: int) -> Finish:
    """Requantisation with one shift for all channels, for layers with a fused ReLU, whose negative sums are clamped.

    `shift` is s, 2..8: y = SMMLA(sum << s, multiplier, constant) >> CONSTANT_SHIFT, saturated to int8, where
    constant = 2^(s - 2) + 2^(CONSTANT_SHIFT - 1) + (zero point << CONSTANT_SHIFT): the two roundings as one sum.

    Raises:
        UnfitError: a channel's shift or sums are too far out.
    """
    ends = finish(of, out_zp)
    up = np.where(ends.multiplier == 0, 2, CONSTANT_SHIFT + 1 - ends.shift.astype(np.int64))
    if np.any((up < 2) | (up > 8)) or np.any((of.bounds << np.clip(up, 0, 8)) >= 1 << 31):
        raise UnfitError("shifts are too far apart for a constant one")
    constant = (1 << (up - 2)) + (1 << (CONSTANT_SHIFT - 1)) + (out_zp << CONSTANT_SHIFT)
    return Finish(ends.multiplier, constant.astype(np.int32), up.astype(np.int32))


def fits_constant_shift(of: Channels, out_zp: int) -> bool:
    """Whether `constant_shift` is exact for all channels."""
    try:
        constant_shift(of, out_zp)
    except UnfitError:
        return False
    return True
