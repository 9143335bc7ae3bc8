"""DEPTHWISE_CONV_2D for DSP cores: the stream and the axes of depthwise_conv_2d_s8_dsp.h."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels import dsp_layout, weighted
from edgewright.kernels.call import SHIFTED_TAPS, TAPS, Argument, Call, Const, Input, Output, Packing, Scalar, Scratch
from edgewright.kernels.constant import constant_data
from edgewright.kernels.quant import activation_range, zero_point
from edgewright.kernels.record import Kernel
from edgewright.kernels.window import Window
from edgewright.ops.conv_2d import dsp as conv_dsp
from edgewright.ops.conv_2d import pixel_block_distance
from edgewright.ops.depthwise_conv_2d import _windows as windows
from edgewright.ops.depthwise_conv_2d import window as window_of
from edgewright.ops.depthwise_conv_2d._axes import Axis, axes
from edgewright.tflite.graph import View

SIZE = 3
"""Rows and columns of the windows that have a kernel of their own."""

SHAPE_TYPE = "ew_dsp_depthwise_shape"


def unsupported(view: View, window: Window) -> str | None:
    """Why the kernel cannot do the node, or None."""
    if not is_convolution(view, window):
        both = axes(window, view.output().shape[3])
        if any(axis.dilation > 1 and axis.stride > 1 for axis in both):
            return "dilated, and with a stride"
        if is_three(window) and not any(fits(along) for along in both):
            return f"strides {window.stride_h} and {window.stride_w}"
        if not is_three(window) and not any(windows.fits(along) for along in both):
            return f"windows of {window.k_h} x {window.k_w}, strides {window.stride_h} and {window.stride_w}"
    return dsp_layout.unsupported(channels(view), view)


def is_convolution(view: View, window: Window) -> bool:
    """Whether the node is a convolution of an image of one channel."""
    return window.in_c == 1 and view.output().shape[3] > 1


def is_three(window: Window) -> bool:
    """Whether windows are of three by three."""
    return window.k_h == window.k_w == SIZE


def fits(along: Axis) -> bool:
    """Whether lines may run along an axis."""
    return along.stride <= 2


@dataclass(frozen=True, eq=False)
class Weights:
    """What the stream is made of.

    Attributes:
        kernels: int8 (channels, lines, taps): windows, a row for each line.
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


def weights_of(view: View, window: Window, along: Axis) -> Weights:
    """Of a node, in the order of lines that run along an axis."""
    of, out_zp = channels(view), zero_point(view.output())
    low, _ = activation_range(view.option("fused_activation_function", 0), view.output())
    relu = low >= out_zp and dsp_layout.fits_constant_shift(of, out_zp)
    ends = dsp_layout.constant_shift(of, out_zp) if relu else dsp_layout.finish(of, out_zp)
    kernels = of.weights.reshape(-1, window.k_h, window.k_w)
    if along != axes(window, view.output().shape[3])[1]:
        kernels = kernels.transpose(0, 2, 1)
    return Weights(kernels, relu, ends, ends.shift if relu else np.ones_like(ends.shift), of.bias)


def lower(view: View, window: Window) -> Call:
    """The call of `ew_depthwise_conv_2d_s8_dsp`, of `ew_depthwise_conv_2d_s8_windows`, or of a convolution."""
    if is_convolution(view, window):
        return conv_dsp.lower_channels(channels(view), view, window, view.input(0).shape[0])
    if not is_three(window):
        return _lower_windows(view, window)
    lines, along = orient(axes(window, view.output().shape[3]))
    of = weights_of(view, window, along)
    packing = Packing(lead=16, body=24, tail=0, form=SHIFTED_TAPS if of.relu else TAPS)
    weights = Const("weights", _stream(of), "factors, biases, pairs of weights", "int32_t", packing)
    return call(view, (lines, along), "depthwise_conv_2d_s8_dsp", of.relu, (weights, _in_zp(view)))


def _in_zp(view: View) -> Scalar:
    return Scalar("in_zp", zero_point(view.input(0)))


def _lower_windows(view: View, window: Window) -> Call:
    lines, along = windows.orient(axes(window, view.output().shape[3]))
    of = weights_of(view, window, along)
    scaled = of.kernels.astype(np.int64) << of.up[:, None, None]
    words = windows.words(scaled, along.stride)
    weights = Const("weights", _with_ends(of, words), "factors, biases, pairs of weights", "int32_t")
    count = view.input(0).shape[0] * view.output().shape[3]
    return Call(
        "depthwise_conv_2d_s8_windows",
        SHAPE_TYPE,
        _shape(view, (lines, along), of.relu),
        (
            Input("input"),
            Output("output"),
            weights,
            _in_zp(view),
            Scratch("scratch", windows.scratch_bytes(lines, along)),
        ),
        work={name: count * each for name, each in windows.work(lines, along).items()},
    )


def call(
    view: View,
    ways: tuple[Axis, Axis],
    kernel: str,
    relu: bool,
    given: tuple[Argument, ...],
    unpacked_bytes: int = 0,
) -> Call:
    """The call of a kernel with the ring of lines, and what it takes between output and scratch."""
    lines, along = ways
    scratch = Scratch("scratch", ring_bytes(along) + unpacked_bytes)
    work = ring_work(lines, along, view.input(0).shape[0] * view.output().shape[3])
    arguments = (Input("input"), Output("output"), *given, scratch)
    return Call(kernel, SHAPE_TYPE, _shape(view, ways, relu), arguments, work=work)


def _shape(view: View, ways: tuple[Axis, Axis], relu: bool) -> tuple[tuple[str, int], ...]:
    limits = activation_range(view.option("fused_activation_function", 0), view.output())
    return shape_of(view, ways, relu, limits)


def shape_of(view: View, ways: tuple[Axis, Axis], relu: bool, limits: tuple[int, int]) -> tuple[tuple[str, int], ...]:
    """Fields of `ew_dsp_depthwise_shape` for lines and places along them; `limits` of the outputs, both inclusive."""
    batches, *_, in_c = view.input(0).shape
    lines, along = ways
    return (
        ("batches", batches),
        ("channels", in_c),
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
        ("taps_lines", lines.taps),
        ("taps", along.taps),
        ("dilation_lines", lines.dilation),
        ("dilation", along.dilation),
        ("multiplier", view.output().shape[3] // in_c),
        ("relu", int(relu)),
        ("act_min", limits[0]),
        ("act_max", limits[1]),
    )


def in_place(view: View, window: Window) -> bool:
    """Whether input and output may be the same bytes: each is written where it was read."""
    same = view.input(0).shape == view.output().shape and not is_convolution(view, window)
    both = axes(window, view.output().shape[3])
    return same and all(a.stride == 1 and a.pad >= a.dilation and a.pad % a.dilation == 0 for a in both)


def in_place_here(view: View, window: Window) -> bool:
    """The same for int8, where the output may be smaller: a line is written where lines were read already.

    Output pixels lie at the input's of the same number, of which there are as many in each channel. Lines run from side
    to side then, and the pixels of a line of outputs end in one that its windows, or those before, have seen.
    """
    if in_place(view, window):
        return True
    out_c = view.output().shape[3]
    down, across = axes(window, out_c)
    if is_convolution(view, window) or out_c != window.in_c or down.dilation > 1 or across.dilation > 1:
        return False
    lines, _ = orient((down, across)) if is_three(window) else windows.orient((down, across))
    seen = (row * down.stride - down.pad + down.taps for row in range(down.out - 1))
    ends = (((row + 1) * across.out - 1) // across.size for row in range(down.out - 1))
    fewer = down.out * across.out <= down.size * across.size
    return fewer and lines == down and all(end < line for end, line in zip(ends, seen, strict=True))


def channels(view: View) -> weighted.Channels:
    """Weights as (channels, window) with folded biases and factors."""
    out_c = view.output().shape[3]
    weights = constant_data(view.input(1)).astype(np.int8).reshape(-1, out_c)
    return weighted.channels(view, np.ascontiguousarray(weights.T), weighted.channel_scales(view, out_c))


def orient(both: tuple[Axis, Axis]) -> tuple[Axis, Axis]:
    """(axis of the lines, axis along a line) of three by three: the cheaper way round.

    Args:
        both: axes down the image and across it, one of which fits.
    """
    down, across = both
    ways = [(lines, along) for lines, along in ((down, across), (across, down)) if fits(along)]
    return min(ways, key=lambda way: way[0].out * (25 * _pairs(way[1]) + 30))


def ring_bytes(along: Axis) -> int:
    """Scratch of four planes of three lines."""
    return 4 * 12 * (along.stride * ((along.parts[0] + 1) // 2) + 1)


def ring_work(lines: Axis, along: Axis, outputs: int) -> dict[str, float]:
    """Lines and pairs of outputs; `outputs` channels of all images."""
    count = outputs * lines.out
    return {"line": count * len(along.parts), "pair": count * _pairs(along)}


def _pairs(along: Axis) -> int:
    return sum((out + 1) // 2 for out in along.parts)


def _stream(of: Weights) -> NDArray[np.int32]:
    scaled = of.kernels.astype(np.int64) << of.up[:, None, None]
    couples = np.stack([scaled[:, :, :2], scaled[:, :, 1:]], axis=2)
    return _with_ends(of, np.ascontiguousarray(couples).astype("<i2").reshape(len(scaled), -1).view("<i4"))


def _with_ends(of: Weights, words: NDArray[np.int32]) -> NDArray[np.int32]:
    """Words of weights behind what turns sums into outputs; int32 (channels, words)."""
    bias = dsp_layout.wrapped(of.bias.astype(np.int64) << of.up)
    columns = [of.ends.multiplier, of.ends.constant, bias, of.ends.shift, *words.T]
    return np.asarray(np.stack(columns, axis=1), np.int32).reshape(-1)


def _overlap(view: View) -> Mapping[int, int]:
    """Channel by channel, which allows the same address at most, but for a convolution."""
    window = window_of(view)
    return {0: pixel_block_distance(view, window, 4)} if is_convolution(view, window) else {}


KERNELS = (
    Kernel(
        "DEPTHWISE_CONV_2D",
        ("depthwise_conv_2d_s8_dsp", "depthwise_conv_2d_s8_windows", "conv_2d_s8_dsp"),
        lambda view: (lower(view, window_of(view)),),
        "dsp",
        unsupported=lambda view: unsupported(view, window_of(view)),
        overlap=_overlap,
        in_place=lambda view: 0 if in_place_here(view, window_of(view)) else None,
    ),
)
