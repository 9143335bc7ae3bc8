"""int16 DEPTHWISE_CONV_2D for DSP cores: the stream of depthwise_conv_2d_s16_dsp.h."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels import dsp_layout
from edgewright.kernels.call import Call, Const, Scratch
from edgewright.kernels.dsp_wide import WideChannels
from edgewright.kernels.record import Kernel
from edgewright.kernels.window import Window
from edgewright.ops.depthwise_conv_2d import window as window_of
from edgewright.ops.depthwise_conv_2d._axes import Axis, axes
from edgewright.ops.depthwise_conv_2d.dsp import SHAPE_TYPE, SIZE, in_place, shape_of
from edgewright.ops.depthwise_conv_2d.int16 import OP_INT16
from edgewright.ops.families.int16 import IN, OUT, act_limits
from edgewright.tflite.graph import View

_ITEM = 2
"""Bytes of a value: steps of lines are in bytes."""


def _unsupported(view: View) -> str | None:
    if not OP_INT16.is_wide(view):
        return "biases of 32 bits"
    window = window_of(view)
    if window.k_h != SIZE or window.k_w != SIZE:
        return f"windows of {window.k_h} x {window.k_w}"
    if window.dilation_h != 1 or window.dilation_w != 1:
        return "dilated"
    if view.output().shape[3] != window.in_c:
        return "several outputs of a channel"
    if min(window.stride_h, window.stride_w) > 2:
        return f"strides {window.stride_h} and {window.stride_w}"
    return channels(view).unsupported()


def _lower(view: View) -> tuple[Call, ...]:
    window, limits = window_of(view), act_limits(view)
    down, across = _axes(window)
    ways = [way for way in ((down, across), (across, down)) if way[1].stride <= 2]
    lines, along = min(ways, key=lambda way: way[0].out * (25 * _pairs(way[1]) + 30))
    kernels = channels(view).weights.reshape(-1, SIZE, SIZE)
    stream = _stream(channels(view), kernels if lines is down else kernels.transpose(0, 2, 1))
    shape = shape_of(view, (lines, along), limits[0] == 0, limits)
    weights = Const("weights", stream, "factors, biases, pairs of weights", "int32_t")
    scratch = Scratch("scratch", 4 * 12 * (along.stride * _pairs(along) + 1))
    count = view.input(0).shape[0] * window.in_c * lines.out
    work = {"line": count, "pair": count * _pairs(along)}
    arguments = (IN, OUT, weights, scratch)
    return (Call("depthwise_conv_2d_s16_dsp", SHAPE_TYPE, shape, arguments, work=work),)


def _axes(window: Window) -> tuple[Axis, Axis]:
    """Down the image and across it."""
    pixel = _ITEM * window.in_c
    return axes(replace(window, in_c=pixel), pixel)


def _pairs(along: Axis) -> int:
    return (along.out + 1) // 2


def _stream(of: WideChannels, kernels: NDArray[np.int8]) -> NDArray[np.int32]:
    """Of weights (channels, 3, 3), a row for each line."""
    couples = np.stack([kernels[:, :, :2], kernels[:, :, 1:]], axis=2)
    words = np.ascontiguousarray(couples).astype("<i2").reshape(len(kernels), -1).view("<i4")
    nothing = np.zeros(len(of.bias), np.int32)
    columns = [of.factors(), nothing, dsp_layout.wrapped(of.bias), nothing, *words.T]
    return np.asarray(np.stack(columns, axis=1), np.int32).reshape(-1)


def channels(view: View) -> WideChannels:
    """Of a node."""
    return OP_INT16.wide_channels(view, OP_INT16.rows(view))


KERNELS = (
    Kernel(
        "DEPTHWISE_CONV_2D",
        ("depthwise_conv_2d_s16_dsp",),
        _lower,
        "dsp",
        dtypes=("int16",),
        unsupported=_unsupported,
        in_place=lambda view: 0 if in_place(view, window_of(view)) else None,
    ),
)
