"""FULLY_CONNECTED for Helium: what firmware/kernels/fully_connected_s8_mve.h takes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgewright.ops import _conv, _mve
from edgewright.ops._base import Argument, Call, Const, Input, Output
from edgewright.tflite.graph import View


def lower(view: View, channels: _conv.Channels) -> Call:
    """The call of `ew_fully_connected_s8_mve`."""
    out_c, depth = channels.weights.shape
    shape = (
        ("rows", view.output().elements // out_c),
        ("depth", depth),
        ("out_c", out_c),
        ("rounding", _mve.rounding(view, channels)),
        ("whole", _mve.whole(view, channels)),
    )
    arguments: tuple[Argument, ...] = (
        Input("input"),
        Output("output"),
        Const("weights", _blocks(channels.weights), "weights of 4 channels"),
        _mve.factors(channels),
        *_conv.output_scalars(view),
    )
    return Call("fully_connected_s8_mve", "ew_fully_connected_s8_mve_shape", shape, arguments)


def _blocks(weights: NDArray[np.int8]) -> NDArray[np.int8]:
    """[channels, depth] -> [four channels][16 of the depth][4][16], filled up with zeros."""
    rows, depth = (_mve.round_up(size, to) for size, to in zip(weights.shape, (_mve.LANES, _mve.VECTOR), strict=True))
    padded = np.zeros((rows, depth), np.int8)
    padded[: weights.shape[0], : weights.shape[1]] = weights
    split = padded.reshape(rows // _mve.LANES, _mve.LANES, depth // _mve.VECTOR, _mve.VECTOR)
    return np.ascontiguousarray(split.transpose(0, 2, 1, 3)).reshape(-1)
