"""Two pixels in a word: the stream of weights that ew_swar.h describes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels.call import PLAIN, Packing
from edgewright.kernels.quant import activation_range, zero_point
from edgewright.kernels.weighted import Channels
from edgewright.tflite.graph import View

GROUP = 4
"""Taps whose products are summed in 16 bits."""

_MAX_WINDOWS = 255
"""Groups and single taps of a segment: so many words can be summed before the upper half must be split off."""

_ORDER = {"m0": (0, 3, 1, 2), "m3": (0, 1, 2, 3)}
"""The byte of a word that each tap of a group is in."""

_TAP_BYTES = 8

_TAIL_BYTES = 4 + 16
"""Of a channel without single taps, behind its groups: their number, and its factors."""

_SATURATE, _CLAMP, _ANY = range(3)


def split(weights: NDArray[np.int8], run: int = GROUP) -> tuple[NDArray[np.int64], list[list[int]]]:
    """Taps to leave out of groups so that no sum of products with any int8 leaves 16 bits.

    Args:
        weights: int8 (channels, taps), taps a multiple of `run`.
        run: taps of a group.

    Returns: weights with 0 for the taps left out, and these taps of each channel.
    """
    kept = weights.astype(np.int64).reshape(len(weights), -1, run)
    single: list[list[int]] = [[] for _ in kept]
    while True:
        high, low = _extremes(kept)
        over = np.argwhere((high > (1 << 15) - 1) | (low < 1 - (1 << 15)))
        if not len(over):
            break
        for channel, group in over:
            tap = int(np.abs(kept[channel, group]).argmax())
            single[channel].append(int(group) * run + tap)
            kept[channel, group, tap] = 0
    return kept.reshape(weights.shape), [sorted(taps) for taps in single]


def _extremes(groups: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    positive, negative = np.maximum(groups, 0).sum(axis=-1), np.maximum(-groups, 0).sum(axis=-1)
    return 127 * positive + 128 * negative, -128 * positive - 127 * negative


def segments(weights: NDArray[np.int8]) -> tuple[int, int]:
    """(segments, groups in each), the fewest in which no channel has more windows than can be summed."""
    groups = -(-weights.shape[1] // GROUP)
    for count in range(1, groups + 1):
        each = -(-groups // count)
        _, single = split(_filled(weights, count * each).reshape(-1, each * GROUP))
        if each + max(map(len, single)) <= _MAX_WINDOWS:
            return count, each
    raise ValueError("a group has no more windows than taps")


def _filled(weights: NDArray[np.int8], groups: int) -> NDArray[np.int8]:
    """Rows filled up with zeros to so many groups."""
    return np.pad(weights, ((0, 0), (0, groups * GROUP - weights.shape[1])))


def stream(view: View, channels: Channels, variant: str) -> NDArray[np.int32]:
    """Words for each channel: its segments, then its factors."""
    of = factors(view, channels)
    count, groups = segments(channels.weights)
    words: list[NDArray[np.uint32]] = []
    for channel, row in enumerate(_filled(channels.weights, count * groups)):
        words += [_segment(part[None], variant) for part in row.reshape(count, -1)]
        words.append(of[channel].view(np.uint32))
    return np.concatenate(words).view(np.int32)


def packing(weights: NDArray[np.int8], count: int, groups: int) -> Packing | None:
    """Where weights lie in their stream; None where a channel has single taps, for then channels differ in length.

    Small weights have none: latents, and most clusters. `count` and `groups` as `segments` gives them.
    """
    _, single = split(_filled(weights, groups * count))
    return Packing(0, GROUP * groups, _TAIL_BYTES, PLAIN) if count == 1 and not any(single) else None


def _segment(weights: NDArray[np.int8], variant: str) -> NDArray[np.uint32]:
    """Groups, the number of single taps, and these: (bytes from the end of the block << 8) + weight."""
    kept, (single,) = split(weights)
    ordered = np.zeros((kept.size // GROUP, GROUP), np.int8)
    ordered[:, _ORDER[variant]] = kept.reshape(-1, GROUP)
    groups = ordered.reshape(-1).view("<u4")
    taps = [((tap - kept.size) * _TAP_BYTES * 256 + (int(weights[0, tap]) & 0xFF)) & 0xFFFFFFFF for tap in single]
    return np.concatenate([groups, np.array([len(taps), *taps], np.uint32)])


def factors(view: View, channels: Channels) -> NDArray[np.int32]:
    """(channels, 4) as `ew_swar_finish` takes them, or `ew_swar_finish_any`."""
    out_zp, shift = zero_point(view.output()), channels.shift.astype(np.int64)
    add, right = np.full_like(shift, out_zp), shift
    if is_short(channels):
        add, right = (1 << (shift - 2)) + (out_zp << (shift - 1)), shift - 1
    return np.stack([channels.bias, channels.multiplier, add, right], axis=1).astype(np.int32)


def is_short(channels: Channels) -> bool:
    """Whether `ew_swar_finish` is exact: |acc| < 2^29 and right shift 2..24 for every channel."""
    return bool(np.all(channels.bounds < 1 << 29) and np.all((channels.shift >= 2) & (channels.shift <= 24)))


def finish(view: View, channels: Channels) -> tuple[tuple[str, int], ...]:
    """Fields of shapes: EW_SWAR_SATURATE, _CLAMP or _ANY; and whether halves below zero matter.

    They do not when what is negative is clamped.
    """
    low, high = activation_range(view.option("fused_activation_function", 0), view.output())
    kind = _ANY if not is_short(channels) else _SATURATE if (low, high) == (-128, 127) else _CLAMP
    return (("finish", kind), ("ties", int(low < zero_point(view.output()))))
