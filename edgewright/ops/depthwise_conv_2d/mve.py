"""DEPTHWISE_CONV_2D for Helium: what depthwise_conv_2d_s8_mve.h takes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels import mve_layout, weighted
from edgewright.kernels.call import Argument, Call, Const, Input, Output, Scalar, Scratch
from edgewright.kernels.constant import constant_data
from edgewright.kernels.overlap import NEVER, write_distance
from edgewright.kernels.quant import zero_point
from edgewright.kernels.record import Kernel
from edgewright.kernels.window import Window
from edgewright.ops.conv_2d import mve as conv_mve
from edgewright.ops.conv_2d import pixel_block_distance
from edgewright.ops.depthwise_conv_2d import _mve_planes
from edgewright.ops.depthwise_conv_2d import window as window_of
from edgewright.tflite.graph import View

_MAX_ROWS = 16
"""Largest height of a window."""

_MAX_DILATION = 7
"""Pixels of 16 bytes that an instruction's offset reaches."""

_CONSTANT = ("window.k_h", "window.k_w", "window.dilation_w", "run", "rounding", "whole")
"""What the inner loop is unrolled by."""

_ORDER = (0, 2, 1, 3)
"""Lane i of accumulator j holds channel 4 * i + _ORDER[j]."""


def is_convolution(view: View, window: Window) -> bool:
    """Whether the node is a convolution of an image of one channel."""
    return window.in_c == 1 and view.output().shape[3] > 1


def unsupported(view: View, window: Window) -> str | None:
    """Why the kernel cannot do the node, or None."""
    if is_convolution(view, window):
        return None
    if view.output().shape[3] != window.in_c:
        return "several output channels of an input channel"
    if window.k_h > _MAX_ROWS:
        return f"windows of more than {_MAX_ROWS} rows"
    if window.dilation_w > _MAX_DILATION:
        return f"taps more than {_MAX_DILATION} pixels apart"
    return None


def lower(view: View, window: Window) -> Call:
    """The call of `ew_depthwise_conv_2d_s8_mve`, or of a convolution."""
    if is_convolution(view, window):
        weights = constant_data(view.input(1)).astype(np.int8).reshape(window.taps, -1)
        return conv_mve.lower(view, window, np.ascontiguousarray(weights.T))
    weights = constant_data(view.input(1)).astype(np.int8).reshape(window.taps, window.in_c)
    channels = weighted.channels(view, np.ascontiguousarray(weights.T), weighted.channel_scales(view, window.in_c))
    if _mve_planes.fits(view, window, channels):
        return _mve_planes.lower(view, window, channels)
    shape = (
        ("batches", view.input(0).shape[0]),
        *window.fields,
        ("run", longest_run(weights)),
        ("rounding", mve_layout.rounding(view, channels)),
        ("whole", mve_layout.whole(view, channels)),
    )
    arguments: tuple[Argument, ...] = (
        Input("input"),
        Output("output"),
        Const("weights", _blocks(weights).reshape(-1), "weights of 16 channels"),
        _factors(channels),
        Scalar("in_zp", zero_point(view.input(0))),
        *weighted.output_scalars(view),
        Scratch("scratch", scratch_bytes(window)),
    )
    return Call("depthwise_conv_2d_s8_mve", "ew_depthwise_conv_2d_s8_mve_shape", shape, arguments, constant=_CONSTANT)


def longest_run(weights: NDArray[np.int8]) -> int:
    """Most taps, counted in runs from the first, whose products with any int8 sum up within int16 in every channel."""
    wide = weights.astype(np.int64)
    high, low = np.where(wide > 0, 127 * wide, -128 * wide), np.where(wide > 0, -128 * wide, 127 * wide)
    for run in range(len(wide), 1, -1):
        starts = np.arange(0, len(wide), run)
        if np.add.reduceat(high, starts).max() < 1 << 15 and np.add.reduceat(low, starts).min() >= -(1 << 15):
            return run
    return 1


def scratch_bytes(window: Window) -> int:
    """A ring of padded rows, channels filled up to vectors."""
    rows = (window.k_h - 1) * window.dilation_h + 1
    pixels = (window.out_w - 1) * window.stride_w + (window.k_w - 1) * window.dilation_w + 1
    return rows * pixels * mve_layout.round_up(window.in_c, mve_layout.VECTOR)


def distance(view: View, window: Window) -> int:
    """How far input and output may overlap."""
    return pixel_block_distance(view, window, 3) if is_convolution(view, window) else row_distance(view, window)


def row_distance(view: View, window: Window) -> int:
    """`write_distance` of kernels that read all rows of an output row's windows before they write the row."""
    after = np.arange(window.out_h) * window.stride_h - window.pad_top + (window.k_h - 1) * window.dilation_h + 1
    batches = np.arange(view.input(0).shape[0])[:, None]
    unread = (batches * window.in_h + np.clip(after, 0, window.in_h)).reshape(-1) * window.in_w * window.in_c
    written = np.arange(1, unread.size + 1) * window.out_w * view.output().shape[3]
    unread[-1] = NEVER
    return write_distance(written, unread)


def _blocks(by_tap: NDArray[np.int8]) -> NDArray[np.int8]:
    """[taps, channels] -> [16 channels of a block][taps][16]."""
    taps, count = by_tap.shape
    padded = np.pad(by_tap, ((0, 0), (0, -count % mve_layout.VECTOR)))
    return np.ascontiguousarray(padded.reshape(taps, -1, mve_layout.VECTOR).transpose(1, 0, 2))


def _factors(channels: weighted.Channels) -> Const:
    rows = np.stack([channels.bias, channels.multiplier, -channels.shift.astype(np.int32)])
    padded = np.pad(rows, ((0, 0), (0, -rows.shape[1] % mve_layout.VECTOR))).astype(np.int32)
    lanes = padded.reshape(3, -1, mve_layout.LANES, 4)[..., _ORDER]  # [kind][block][lane][accumulator]
    data = np.ascontiguousarray(lanes.transpose(1, 0, 3, 2)).reshape(-1)
    return Const("factors", data, "bias, multiplier, shift of 16 channels", "int32_t")


KERNELS = (
    Kernel(
        "DEPTHWISE_CONV_2D",
        ("depthwise_conv_2d_s8_mve", "depthwise_conv_2d_s8_mve_planes", "conv_2d_s8_mve"),
        lambda view: (lower(view, window_of(view)),),
        "mve",
        unsupported=lambda view: unsupported(view, window_of(view)),
        overlap=lambda view: {0: distance(view, window_of(view))},
    ),
)
