"""Windows other than three by three for DSP cores: what depthwise_conv_2d_s8_windows.h takes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgewright.ops.depthwise_conv_2d._axes import Axis

_MAX_STEPS = 5
"""Words of a window's line that the inner loops are written for."""

_BLOCK = 4
"""Outputs that are computed together."""

_SPARE_LINES = 3
"""Lines beside those of a window: as many can come before lines have to be moved."""

_MAX_LINES = 32
"""Lines of a window: all are in scratch."""


def fits(along: Axis) -> bool:
    """Whether lines may run along an axis."""
    return along.stride <= 2 and steps(along.taps, along.stride) <= _MAX_STEPS


def steps(taps: int, stride: int) -> int:
    """Words of a line that a pair of outputs reads, of stride 1; that an output reads, of stride 2."""
    return (taps + 2) // 2 if stride == 1 else (taps + 1) // 2


def orient(ways: tuple[Axis, Axis]) -> tuple[Axis, Axis]:
    """(axis of the lines, axis along a line): the cheaper way round."""
    down, across = ways
    able = [(lines, along) for lines, along in ((down, across), (across, down)) if fits(along)]
    return min(able, key=lambda way: _instructions(*way))


def _instructions(lines: Axis, along: Axis) -> float:
    done = work(lines, along)
    return 30 * done["line"] + 31 * done["block"] + 5 * done["step"]


def work(lines: Axis, along: Axis) -> dict[str, float]:
    """What a channel takes: lines, blocks of four outputs, steps of four multiplications."""
    blocks = lines.out * sum(-(-out // _BLOCK) for out in along.parts)
    return {
        "line": lines.out * len(along.parts),
        "block": blocks,
        "step": blocks * lines.taps * steps(along.taps, along.stride),
    }


def words(weights: NDArray[np.int64], stride: int) -> NDArray[np.int32]:
    """Pairs of weights in the order in which they are read; int32 (channels, words).

    Args:
        weights: (channels, lines, taps), that fit in 16 bits.
        stride: along a line. Of 1: for each step the pairs of the even output, then of the odd one, whose window begins
            in the middle of a word.
    """
    count, lines, taps = weights.shape
    width = 2 * steps(taps, stride)
    even = np.zeros((count, lines, width), "<i2")
    even[:, :, :taps] = weights
    pairs = [even]
    if stride == 1:
        odd = np.zeros_like(even)
        odd[:, :, 1 : taps + 1] = weights
        pairs.append(odd)
    stacked = np.stack([each.reshape(count, lines, -1, 2) for each in pairs], axis=3)
    return np.ascontiguousarray(stacked).reshape(count, -1).view("<i4").astype(np.int32)


def scratch_bytes(lines: Axis, along: Axis) -> int:
    """Four planes of a window's lines and some more, wide enough for whole blocks."""
    blocks = -(-along.parts[0] // _BLOCK)
    wide = _BLOCK // 2 * along.stride * blocks + steps(along.taps, along.stride) - 1
    high = min((lines.parts[0] - 1) * lines.stride + lines.taps, lines.taps + _SPARE_LINES)
    return 4 * 4 * wide * high
