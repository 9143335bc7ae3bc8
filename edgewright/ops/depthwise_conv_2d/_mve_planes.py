"""Images of few channels for Helium: what depthwise_conv_2d_s8_mve_planes.h takes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels import mve_layout, weighted
from edgewright.kernels.call import Argument, Call, Const, Input, Output, Scalar, Scratch
from edgewright.kernels.quant import zero_point
from edgewright.kernels.window import Window
from edgewright.tflite.graph import View

_MOST_CHANNELS = 15
"""More fill vectors of the kernel that takes 16 channels at a time."""

_MOST_VECTORS = 2
"""Vectors of a window."""

_MOST_STEP = 127
"""Bytes that a load can move on by."""

_OUTPUTS = 8
"""Outputs of a row that are computed together."""

_CONSTANT = ("window.k_h", "window.k_w", "window.dilation_h", "window.stride_w", "rounding")
"""What the inner loop is made of."""


def fits(view: View, window: Window, channels: weighted.Channels) -> bool:
    """Whether the kernel can do a node, and takes fewer instructions than the one for 16 channels."""
    few = window.in_c <= _MOST_CHANNELS and window.out_w >= _OUTPUTS and window.dilation_w == 1
    small = _vectors(window) <= _MOST_VECTORS and window.stride_w * _rows(window) <= _MOST_STEP
    return few and small and bool(mve_layout.whole(view, channels)) and _is_worth(window)


def _is_worth(window: Window) -> bool:
    """By the instructions of a row; the other kernel takes as many for a pixel as if it had 16 channels."""
    row = (18 + 16 * _vectors(window)) * -(-window.out_w // _OUTPUTS) + 45
    pixel = 9 * window.taps + 50
    return row * window.in_c < pixel * window.out_w


def lower(view: View, window: Window, channels: weighted.Channels) -> Call:
    """The call of `ew_depthwise_conv_2d_s8_mve_planes`."""
    shape = (
        ("batches", view.input(0).shape[0]),
        *window.fields,
        ("rounding", mve_layout.rounding(view, channels)),
    )
    factors = np.stack([channels.bias, channels.multiplier, -channels.shift.astype(np.int32)], axis=1)
    arguments: tuple[Argument, ...] = (
        Input("input"),
        Output("output"),
        Const("weights", _turned(channels.weights, window).reshape(-1), "weights for each row that may be first"),
        Const("factors", factors.astype(np.int32).reshape(-1), "bias, multiplier, shift", "int32_t"),
        Scalar("in_zp", zero_point(view.input(0))),
        Scalar("out_zp", zero_point(view.output())),
        Scratch("scratch", _scratch_bytes(window)),
    )
    kernel = "depthwise_conv_2d_s8_mve_planes"
    return Call(kernel, f"ew_{kernel}_shape", shape, arguments, constant=_CONSTANT)


def _turned(weights: NDArray[np.int8], window: Window) -> NDArray[np.int8]:
    """(channels, taps) -> [channels][slot of the first row][columns][slots], filled up to vectors."""
    count, rows = len(weights), _rows(window)
    tall = np.zeros((count, rows, window.k_w), np.int8)
    tall[:, :: window.dilation_h] = weights.reshape(count, window.k_h, window.k_w)
    turned = np.zeros((count, rows, _vectors(window) * mve_layout.VECTOR), np.int8)
    for first in range(rows):
        columns = np.roll(tall, first, axis=1).transpose(0, 2, 1)
        turned[:, first, : rows * window.k_w] = columns.reshape(count, -1)
    return turned


def _rows(window: Window) -> int:
    return (window.k_h - 1) * window.dilation_h + 1


def _vectors(window: Window) -> int:
    return -(-_rows(window) * window.k_w // mve_layout.VECTOR)


def _scratch_bytes(window: Window) -> int:
    """A plane for each channel, and what vectors reach over its end."""
    columns = (window.out_w - 1) * window.stride_w + window.k_w
    return window.in_c * _rows(window) * columns + mve_layout.VECTOR * _vectors(window)
