"""CONV_2D for Helium: what conv_2d_s8_mve.h takes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels import mve_layout, weighted
from edgewright.kernels.call import Argument, Call, Input, Output, Scalar, Scratch
from edgewright.kernels.quant import zero_point
from edgewright.kernels.record import Kernel
from edgewright.kernels.window import Window
from edgewright.ops.conv_2d import blockwise, grouped, rows
from edgewright.ops.conv_2d import window as window_of
from edgewright.tflite.graph import View

_CONSTANT = (
    *("window.k_h", "window.k_w", "window.stride_h", "window.stride_w", "window.dilation_h", "window.dilation_w"),
    *("window.pad_top", "window.pad_left", "rounding", "act_min", "act_max"),
)
"""What says how windows are gathered, and which inner loop there is."""


def lower(view: View, window: Window, weights: NDArray[np.int8]) -> Call:
    """The call of `ew_conv_2d_s8_mve`; `weights` (output channels, window)."""
    out_c = len(weights)
    channels = weighted.channels(view, weights, weighted.channel_scales(view, out_c))
    window = one_row(window)
    shape = (
        ("batches", view.input(0).shape[0]),
        *window.fields,
        ("out_c", out_c),
        ("rounding", mve_layout.rounding(view, channels)),
        *((scalar.name, int(scalar.value)) for scalar in weighted.output_scalars(view)),
    )
    order = _order(out_c)
    arguments: tuple[Argument, ...] = (
        Input("input"),
        Output("output"),
        mve_layout.blocks(weights[order]),
        mve_layout.factors(channels, order),
        Scalar("in_zp", zero_point(view.input(0))),
        Scratch("scratch", scratch_bytes(window)),
    )
    return Call("conv_2d_s8_mve", "ew_conv_2d_s8_mve_shape", shape, arguments, constant=_CONSTANT)


def _order(out_c: int) -> list[int]:
    """Channels by fours: where they are no multiple of four, the second four begin among the first."""
    return list(range(out_c)) if out_c < 4 else [*range(4), *range(out_c % 4 or 4, out_c)]


def scratch_bytes(window: Window) -> int:
    """Three windows, a fourth in a line unless pieces are vectors, and a ring of rows if any reaches outside.

    Pieces that are no vectors are copied from the ring as if they were: one is left behind line and ring.
    """
    direct = window.taps == 1 or window.in_c % mve_layout.VECTOR == 0
    blocks = (3 if direct else 4) * mve_layout.round_up(window.taps * window.in_c, mve_layout.VECTOR)
    span_h, span_w = (window.k_h - 1) * window.dilation_h + 1, (window.k_w - 1) * window.dilation_w + 1
    width = (window.out_w - 1) * window.stride_w + span_w
    height = (window.out_h - 1) * window.stride_h + span_h
    if window.pad_top == window.pad_left == 0 and width <= window.in_w and height <= window.in_h:
        return blocks
    ring = (span_h + (1 if window.out_w > 1 else 2) * window.stride_h) * width * window.in_c
    return blocks + ring + (0 if direct else 2 * mve_layout.VECTOR)


def one_row(window: Window) -> Window:
    """A pointwise convolution as one over a single row: blocks of pixels then never cross the end of a row."""
    return replace(window, in_h=1, in_w=window.pixels, out_h=1, out_w=window.pixels) if window.is_pointwise else window


KERNELS = (
    Kernel(
        "CONV_2D",
        ("conv_2d_s8_mve",),
        lambda view: (lower(view, window_of(view), rows(view)),),
        "mve",
        unsupported=grouped,
        overlap=blockwise(3),
    ),
)
