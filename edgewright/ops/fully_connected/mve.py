"""FULLY_CONNECTED for Helium: what fully_connected_s8_mve.h takes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels import mve_layout, weighted
from edgewright.kernels.call import Argument, Call, Const, Input, Output
from edgewright.kernels.record import Kernel
from edgewright.ops.fully_connected import OP, rounds_once
from edgewright.ops.fully_connected import channels as channels_of
from edgewright.tflite.graph import View


def lower(view: View, channels: weighted.Channels) -> Call:
    """The call of `ew_fully_connected_s8_mve`."""
    out_c, depth = channels.weights.shape
    shape = (
        ("rows", view.output().elements // out_c),
        ("depth", depth),
        ("out_c", out_c),
        ("rounding", mve_layout.rounding(view, channels)),
        ("whole", mve_layout.whole(view, channels)),
    )
    arguments: tuple[Argument, ...] = (
        Input("input"),
        Output("output"),
        Const("weights", blocks(channels.weights), "weights of 4 channels"),
        mve_layout.factors(channels),
        *weighted.output_scalars(view),
    )
    return Call("fully_connected_s8_mve", "ew_fully_connected_s8_mve_shape", shape, arguments)


def blocks(weights: NDArray[np.int8], vector: int = mve_layout.VECTOR) -> NDArray[np.int8]:
    """[channels, depth] -> [four channels][steps of the depth][4][vector], filled up with zeros."""
    rows, depth = (
        mve_layout.round_up(size, to) for size, to in zip(weights.shape, (mve_layout.LANES, vector), strict=True)
    )
    padded = np.zeros((rows, depth), np.int8)
    padded[: weights.shape[0], : weights.shape[1]] = weights
    split = padded.reshape(rows // mve_layout.LANES, mve_layout.LANES, depth // vector, vector)
    return np.ascontiguousarray(split.transpose(0, 2, 1, 3)).reshape(-1)


KERNELS = (
    Kernel(
        "FULLY_CONNECTED",
        ("fully_connected_s8_mve",),
        lambda view: (lower(view, channels_of(view)),),
        "mve",
        unsupported=rounds_once,
        overlap=OP.overlap_ref,
    ),
)
