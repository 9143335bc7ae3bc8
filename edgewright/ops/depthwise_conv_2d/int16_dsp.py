"""int16 DEPTHWISE_CONV_2D for DSP cores: the streams of depthwise_conv_2d_s16_dsp.h and _windows.h."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels import dsp_layout
from edgewright.kernels.call import Call, Const, Scratch
from edgewright.kernels.dsp_wide import WideChannels
from edgewright.kernels.record import Kernel
from edgewright.ops.depthwise_conv_2d import _windows as windows
from edgewright.ops.depthwise_conv_2d import window as window_of
from edgewright.ops.depthwise_conv_2d._axes import Axis, axes
from edgewright.ops.depthwise_conv_2d.dsp import (
    SHAPE_TYPE,
    fits,
    in_place,
    is_three,
    orient,
    ring_bytes,
    ring_work,
    shape_of,
)
from edgewright.ops.depthwise_conv_2d.int16 import OP_INT16
from edgewright.ops.families.int16 import IN, OUT, act_limits
from edgewright.tflite.graph import View

_ITEM = 2
"""Bytes of a value: steps of lines are in bytes."""


def _unsupported(view: View) -> str | None:
    if not OP_INT16.is_wide(view):
        return "biases of 32 bits"
    window, both = window_of(view), _axes(view)
    if any(axis.dilation > 1 and axis.stride > 1 for axis in both):
        return "dilated, and with a stride"
    if is_three(window) and not any(fits(along) for along in both):
        return f"strides {window.stride_h} and {window.stride_w}"
    if not is_three(window) and not any(windows.fits(along) for along in both):
        return f"windows of {window.k_h} x {window.k_w}, strides {window.stride_h} and {window.stride_w}"
    return channels(view).unsupported()


def _lower(view: View) -> tuple[Call, ...]:
    return (_lower_three(view) if is_three(window_of(view)) else _lower_windows(view),)


def _lower_three(view: View) -> Call:
    down, across = _axes(view)
    lines, along = orient((down, across))
    kernels = _kernels(view, lines is down)
    couples = np.stack([kernels[:, :, :2], kernels[:, :, 1:]], axis=2)
    words = np.ascontiguousarray(couples).astype("<i2").reshape(len(kernels), -1).view("<i4")
    outputs = view.output().shape[0] * view.output().shape[3]
    work = ring_work(lines, along, outputs)
    return _call(view, (lines, along), "depthwise_conv_2d_s16_dsp", words, ring_bytes(along), work)


def _lower_windows(view: View) -> Call:
    down, across = _axes(view)
    lines, along = windows.orient((down, across))
    words = windows.words(_kernels(view, lines is down).astype(np.int64), along.stride)
    count = view.output().shape[0] * view.output().shape[3]
    work = {name: count * each for name, each in windows.work(lines, along).items()}
    scratch = windows.scratch_bytes(lines, along)
    return _call(view, (lines, along), "depthwise_conv_2d_s16_windows", words, scratch, work)


def _call(
    view: View,
    ways: tuple[Axis, Axis],
    kernel: str,
    words: NDArray[np.int32],
    scratch: int,
    work: Mapping[str, float],
) -> Call:
    """A call whose stream has `words` of weights of each output."""
    of, limits = channels(view), act_limits(view)
    nothing = np.zeros(len(of.bias), np.int32)
    columns = [of.factors(), nothing, dsp_layout.wrapped(of.bias), nothing, *words.T]
    stream = np.asarray(np.stack(columns, axis=1), np.int32).reshape(-1)
    weights = Const("weights", stream, "factors, biases, pairs of weights", "int32_t")
    shape = shape_of(view, ways, limits[0] == 0, limits)
    return Call(kernel, SHAPE_TYPE, shape, (IN, OUT, weights, Scratch("scratch", scratch)), work=work)


def _kernels(view: View, is_down: bool) -> NDArray[np.int8]:
    """int8 (outputs, lines, taps), of lines down the image or across it."""
    window = window_of(view)
    kernels = channels(view).weights.reshape(-1, window.k_h, window.k_w)
    return kernels if is_down else kernels.transpose(0, 2, 1)


def _axes(view: View) -> tuple[Axis, Axis]:
    """Down the image and across it."""
    window = window_of(view)
    return axes(replace(window, in_c=_ITEM * window.in_c), _ITEM * view.output().shape[3])


def channels(view: View) -> WideChannels:
    """Of a node."""
    return OP_INT16.wide_channels(view, OP_INT16.rows(view))


KERNELS = (
    Kernel(
        "DEPTHWISE_CONV_2D",
        ("depthwise_conv_2d_s16_dsp", "depthwise_conv_2d_s16_windows"),
        _lower,
        "dsp",
        dtypes=("int16",),
        unsupported=_unsupported,
        in_place=lambda view: 0 if in_place(view, window_of(view)) else None,
    ),
)
