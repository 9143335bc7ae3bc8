"""DEPTHWISE_CONV_2D for DSP cores: the stream and the axes of depthwise_conv_2d_s8_dsp.h."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels import dsp_layout, weighted
from edgewright.kernels.call import SHIFTED_TAPS, TAPS, Argument, Call, Const, Input, Output, Packing, Scalar, Scratch
from edgewright.kernels.constant import constant_data
from edgewright.kernels.quant import activation_range, zero_point
from edgewright.kernels.record import Kernel
from edgewright.kernels.window import Window
from edgewright.ops.depthwise_conv_2d import window as window_of
from edgewright.tflite.graph import View

SIZE = 3
"""Rows and columns of the windows that the kernel knows."""


@dataclass(frozen=True)
class Axis:
    """One axis of the image: how many places it has, how windows step, and the bytes from a place to the next."""

    size: int
    out: int
    stride: int
    pad: int
    step: int
    out_step: int


def unsupported(view: View, window: Window) -> str | None:
    """Why the kernel cannot do the node, or None."""
    if window.k_h != SIZE or window.k_w != SIZE:
        return f"windows of {window.k_h} x {window.k_w}"
    if window.dilation_h != 1 or window.dilation_w != 1:
        return "dilated"
    if view.output().shape[3] != window.in_c:
        return "several outputs of a channel"
    if not [a for a in _axes(window) if a.stride <= 2]:
        return f"strides {window.stride_h} and {window.stride_w}"
    return dsp_layout.unsupported(channels(view), view)


@dataclass(frozen=True, eq=False)
class Weights:
    """What the stream is made of.

    Attributes:
        kernels: int8 (channels, 3, 3): windows, a row for each line.
        relu: whether one constant shift ends all channels.
        ends: what turns sums into outputs.
        up: by how many bits weights and bias are shifted up, of each channel.
        bias: not shifted.
    """

    kernels: NDArray[np.int8]
    relu: bool
    ends: dsp_layout.Finish
    up: NDArray[np.int32]
    bias: NDArray[np.int32]


def weights_of(view: View, window: Window) -> Weights:
    """Of a node, in the order of the kernel's lines."""
    of, out_zp = channels(view), zero_point(view.output())
    low, _ = activation_range(view.option("fused_activation_function", 0), view.output())
    relu = low >= out_zp and dsp_layout.fits_constant_shift(of, out_zp)
    ends = dsp_layout.constant_shift(of, out_zp) if relu else dsp_layout.finish(of, out_zp)
    kernels = of.weights.reshape(-1, SIZE, SIZE)
    if _orient(window)[0] != _axes(window)[0]:  # lines run down the image
        kernels = kernels.transpose(0, 2, 1)
    return Weights(kernels, relu, ends, ends.shift if relu else np.ones_like(ends.shift), of.bias)


def lower(view: View, window: Window) -> Call:
    """The call of `ew_depthwise_conv_2d_s8_dsp`."""
    of = weights_of(view, window)
    packing = Packing(lead=16, body=24, tail=0, form=SHIFTED_TAPS if of.relu else TAPS)
    weights = Const("weights", _stream(of), "factors, biases, pairs of weights", "int32_t", packing)
    return call(
        view, window, "depthwise_conv_2d_s8_dsp", of.relu, (weights, Scalar("in_zp", zero_point(view.input(0))))
    )


def call(
    view: View, window: Window, kernel: str, relu: bool, given: tuple[Argument, ...], unpacked_bytes: int = 0
) -> Call:
    """The call of a kernel with the ring of lines, and what it takes between output and scratch."""
    low, high = activation_range(view.option("fused_activation_function", 0), view.output())
    lines, along = _orient(window)
    shape = (
        ("batches", view.input(0).shape[0]),
        ("channels", window.in_c),
        ("in_lines", lines.size),
        ("in_length", along.size),
        ("in_line_step", lines.step),
        ("in_step", along.step),
        ("out_lines", lines.out),
        ("out_length", along.out),
        ("out_line_step", lines.out_step),
        ("out_step", along.out_step),
        ("line_stride", lines.stride),
        ("stride", along.stride),
        ("pad_lines", lines.pad),
        ("pad", along.pad),
        ("relu", int(relu)),
        ("act_min", low),
        ("act_max", high),
    )
    scratch = Scratch("scratch", 4 * 12 * (along.stride * _pairs(along) + 1) + unpacked_bytes)
    count = view.input(0).shape[0] * window.in_c * lines.out
    work = {"line": count, "pair": count * _pairs(along)}
    arguments = (Input("input"), Output("output"), *given, scratch)
    return Call(kernel, "ew_depthwise_conv_2d_s8_dsp_shape", shape, arguments, work=work)


def in_place(window: Window) -> bool:
    """Whether input and output may be the same bytes: each is written where it was read."""
    same = (window.in_h, window.in_w) == (window.out_h, window.out_w)
    return same and window.stride_h == window.stride_w == 1 and window.pad_top >= 1 and window.pad_left >= 1


def channels(view: View) -> weighted.Channels:
    """Weights as (channels, 9) with folded biases and factors."""
    out_c = view.output().shape[3]
    weights = constant_data(view.input(1)).astype(np.int8).reshape(-1, out_c)
    return weighted.channels(view, np.ascontiguousarray(weights.T), weighted.channel_scales(view, out_c))


def _axes(window: Window) -> tuple[Axis, Axis]:
    row, out_row = window.in_w * window.in_c, window.out_w * window.in_c
    down = Axis(window.in_h, window.out_h, window.stride_h, window.pad_top, row, out_row)
    across = Axis(window.in_w, window.out_w, window.stride_w, window.pad_left, window.in_c, window.in_c)
    return down, across


def _orient(window: Window) -> tuple[Axis, Axis]:
    """(axis of the lines, axis along a line): the cheaper way round."""
    down, across = _axes(window)
    ways = [(lines, along) for lines, along in ((down, across), (across, down)) if along.stride <= 2]
    return min(ways, key=lambda way: way[0].out * (25 * _pairs(way[1]) + 30))


def _pairs(along: Axis) -> int:
    return (along.out + 1) // 2


def _stream(of: Weights) -> NDArray[np.int32]:
    scaled = of.kernels.astype(np.int64) << of.up[:, None, None]
    couples = np.stack([scaled[:, :, :2], scaled[:, :, 1:]], axis=2)
    words = np.ascontiguousarray(couples).astype("<i2").reshape(len(scaled), -1).view("<i4")
    bias = dsp_layout.wrapped(of.bias.astype(np.int64) << of.up)
    columns = [of.ends.multiplier, of.ends.constant, bias, of.ends.shift, *words.T]
    return np.asarray(np.stack(columns, axis=1), np.int32).reshape(-1)


KERNELS = (
    Kernel(
        "DEPTHWISE_CONV_2D",
        ("depthwise_conv_2d_s8_dsp",),
        lambda view: (lower(view, window_of(view)),),
        "dsp",
        unsupported=lambda view: unsupported(view, window_of(view)),
        in_place=lambda view: 0 if in_place(window_of(view)) else None,
    ),
)
