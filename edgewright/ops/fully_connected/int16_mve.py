"""int16 FULLY_CONNECTED for Helium: what fully_connected_s16_mve.h takes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgewright.kernels import mve_layout, mve_wide
from edgewright.kernels.call import Call, Const
from edgewright.kernels.dsp_wide import WideChannels
from edgewright.kernels.record import Kernel
from edgewright.kernels.window import Window
from edgewright.ops.conv_2d import int16_mve as conv_mve
from edgewright.ops.families.int16 import IN, OUT, act_limits
from edgewright.ops.fully_connected.int16_dsp import channels, unsupported
from edgewright.ops.fully_connected.mve import blocks
from edgewright.tflite.graph import View

_OFFSET = 128
"""What the low byte of a value has less, so that it has a sign."""


def _lower(view: View) -> tuple[Call, ...]:
    of = channels(view)
    rows, depth = view.output().elements // len(of.bias), of.weights.shape[1]
    if rows > 1 and depth % 2:  # every second row lies at a halfword
        return (conv_mve.lower_channels(of, view, Window(1, rows, depth, 1, rows, 1, 1), 1),)
    return (_by_bytes(of, view, rows),)


def _by_bytes(of: WideChannels, view: View, rows: int) -> Call:
    (low, high), (out_c, depth) = act_limits(view), of.weights.shape
    shape = (("rows", rows), ("depth", depth), ("out_c", out_c), ("act_min", low), ("act_max", high))
    weights = Const("weights", blocks(of.weights), "weights of 4 channels")
    folded = replace(of, bias=of.bias + _OFFSET * of.weights.astype(np.int64).sum(axis=1))
    quads = rows * -(-out_c // mve_layout.LANES)
    work = {"step": quads * -(-depth // mve_layout.VECTOR), "quad": quads}
    arguments = (IN, OUT, weights, mve_wide.factors(folded))
    return Call("fully_connected_s16_mve", "ew_fully_connected_s16_mve_shape", shape, arguments, work=work)


KERNELS = (
    Kernel(
        "FULLY_CONNECTED",
        ("fully_connected_s16_mve", "conv_2d_s16_mve"),
        _lower,
        "mve",
        dtypes=("int16",),
        unsupported=unsupported,
    ),
)
