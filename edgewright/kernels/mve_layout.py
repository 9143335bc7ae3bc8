"""What Helium kernels take: factors of four channels side by side, and the cheapest rounding that is exact."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels.call import Const
from edgewright.kernels.quant import activation_range, zero_point
from edgewright.kernels.weighted import Channels
from edgewright.tflite.graph import View

LANES = 4
"""int32 in a vector."""

VECTOR = 16
"""Bytes in a vector."""

_RELU, _SHORT, _ANY = range(3)


def rounding(view: View, channels: Channels) -> int:
    """EW_MVE_RELU, EW_MVE_SHORT or EW_MVE_ANY, see ew_mve.h."""
    if not channels.short_requant:
        return _ANY
    low, _ = activation_range(view.option("fused_activation_function", 0), view.output())
    return _RELU if low >= zero_point(view.output()) else _SHORT


def factors(channels: Channels, order: Sequence[int] | None = None) -> Const:
    """int32 [blocks of four channels][bias, multiplier, left shift][4]; channels that are missing are 0.

    Args:
        channels: whose factors.
        order: channels, each as often as its factors are wanted; None for all as they come.
    """
    rows = np.stack([channels.bias, channels.multiplier, -channels.shift.astype(np.int32)])
    rows = rows if order is None else rows[:, order]
    rows = np.pad(rows, ((0, 0), (0, -rows.shape[1] % LANES))).astype(np.int32)
    blocks = rows.reshape(3, -1, LANES).transpose(1, 0, 2)
    return Const(
        "factors", np.ascontiguousarray(blocks).reshape(-1), "bias, multiplier, shift of 4 channels", "int32_t"
    )


def blocks(weights: NDArray[np.int8], vector: int = VECTOR) -> Const:
    """Rows four at a time, vectors of so many values of rows 0 and 2 in turn, then of rows 1 and 3."""
    rows, depth = round_up(len(weights), LANES), round_up(weights.shape[1], vector)
    padded = np.zeros((rows, depth), np.int8)
    padded[: len(weights), : weights.shape[1]] = weights
    pairs = padded.reshape(rows // LANES, 2, 2, depth // vector, vector)  # [block][second of pair][pair][step][vector]
    return Const("weights", np.ascontiguousarray(pairs.transpose(0, 2, 3, 1, 4)).reshape(-1), "weights")


def whole(view: View, channels: Channels) -> int:
    """Whether outputs need no clamp but that to int8; see `ew_mve_place`."""
    return int(
        channels.short_requant
        and activation_range(view.option("fused_activation_function", 0), view.output()) == (-128, 127)
    )


def round_up(count: int, to: int) -> int:
    """The next multiple."""
    return -(-count // to) * to
