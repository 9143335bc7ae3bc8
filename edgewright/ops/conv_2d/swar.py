"""CONV_2D with two pixels in a word: what conv_2d_s8_swar.h takes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels import swar_layout, weighted
from edgewright.kernels.call import Argument, Call, Const, Input, Output, Scalar, Scratch
from edgewright.kernels.quant import zero_point
from edgewright.kernels.record import Kernel
from edgewright.kernels.window import Window
from edgewright.ops.conv_2d import blockwise, grouped, rows
from edgewright.ops.conv_2d import window as window_of
from edgewright.tflite.graph import View

_CONSTANT = ("segments", "finish", "ties")
"""What says which functions a call needs."""

GATHERED_BELOW = 8
"""Channels of an image whose windows are copied row by row at its border: tap by tap takes too long for so few."""


def lower(view: View, window: Window, weights: NDArray[np.int8], variant: str) -> Call:
    """The call of `ew_conv_2d_s8_<variant>`; `weights` (output channels, window)."""
    channels = weighted.channels(view, weights, weighted.channel_scales(view, len(weights)))
    if window.is_pointwise:
        window = replace(window, in_h=1, in_w=window.pixels, out_h=1, out_w=window.pixels)
    segments, groups = swar_layout.segments(weights)
    gathered = window.in_c < GATHERED_BELOW
    shape = (
        ("batches", view.input(0).shape[0]),
        *window.fields,
        ("out_c", len(weights)),
        ("segments", segments),
        ("groups", groups),
        ("gathered", int(gathered)),
        *swar_layout.finish(view, channels),
    )
    padding = window.in_c * window.k_w * (5 if gathered and not window.is_pointwise else 1)
    stream = swar_layout.stream(view, channels, variant)
    arguments: tuple[Argument, ...] = (
        Input("input"),
        Output("output"),
        Const("stream", stream, "weights and factors", "int32_t", swar_layout.packing(weights, segments, groups)),
        Scalar("in_zp", zero_point(view.input(0))),
        *weighted.output_scalars(view)[1:],
        Scratch("scratch", 32 * segments * groups + padding, "uint32_t"),
    )
    return Call(f"conv_2d_s8_{variant}", "ew_conv_2d_s8_swar_shape", shape, arguments, constant=_CONSTANT)


def _kernel(isa: str) -> Kernel:
    return Kernel(
        "CONV_2D",
        (f"conv_2d_s8_{isa}",),
        lambda view: (lower(view, window_of(view), rows(view), isa),),
        isa,
        unsupported=grouped,
        overlap=blockwise(4),
    )


KERNELS = (_kernel("m3"), _kernel("m0"))
