"""CONV_2D for DSP cores: the stream of weights and the scratch of conv_2d_s8_dsp.h."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels import dsp_layout, weighted
from edgewright.kernels.call import Call, Const, Input, Output, Scalar, Scratch
from edgewright.kernels.constant import constant_data
from edgewright.kernels.quant import activation_range, zero_point
from edgewright.kernels.record import Kernel
from edgewright.kernels.window import Window
from edgewright.ops.conv_2d import blockwise, window
from edgewright.tflite.graph import View

GATHER_FROM = 1.2
"""How many times the values of a gathered window one of whole words may have: gathering costs as much."""


def unsupported(view: View) -> str | None:
    """Why the kernel cannot do the node, or None."""
    if view.input(0).shape[3] != view.input(1).shape[3]:
        return "grouped"
    return dsp_layout.unsupported(channels(view), view)


def lower(view: View, window: Window) -> Call:
    """The call of `ew_conv_2d_s8_dsp`."""
    return lower_channels(channels(view), view, window, view.input(0).shape[0])


def lower_channels(of: weighted.Channels, view: View, window: Window, batches: int) -> Call:
    """The same for weights and a window that need not be the node's own: FULLY_CONNECTED is a 1 x 1 convolution."""
    out_zp = zero_point(view.output())
    if window.is_pointwise:  # one row: no block crosses from one to the next
        window = Window(1, window.pixels, window.in_c, 1, window.pixels, 1, 1)
    weights, gathered = _layout(of.weights, window)
    depth = weights.shape[1]
    used = _used(depth, window) if gathered else depth
    low, high = activation_range(view.option("fused_activation_function", 0), view.output())
    relu = low >= out_zp and dsp_layout.fits_constant_shift(of, out_zp)
    stream = dsp_layout.gemm_stream(of, weights, out_zp, relu, used)
    shape = (
        *window.fields,
        ("batches", batches),
        ("out_c", len(of.bias)),
        ("depth", depth),
        ("used", used),
        ("stream", stream.size),
        ("gathered", int(gathered)),
        ("relu", int(relu)),
        ("act_min", low),
        ("act_max", high),
    )
    arguments = (
        Input("input"),
        Output("output"),
        Const("weights", stream, "biases, pairs of weights, factors", "int32_t", dsp_layout.packing(used)),
        Scalar("in_zp", zero_point(view.input(0))),
        Scratch("scratch", 8 * depth + (4 * depth + 4 if gathered else _pixel_bytes(window.in_c))),
    )
    work = _work(batches, window.pixels, -(-len(of.bias) // 2), depth)
    work["gather" if gathered else "fill"] = batches * window.pixels * depth
    return Call("conv_2d_s8_dsp", "ew_conv_2d_s8_dsp_shape", shape, arguments, work=work)


def _work(batches: int, pixels: int, pairs: int, depth: int) -> dict[str, float]:
    """Steps and ends of each pair of channels, in blocks of four pixels, and in pixels that are left over."""
    blocks, single = batches * (pixels // 4), batches * (pixels % 4)
    return {"step": blocks * pairs * depth, "pair": blocks * pairs, "single": single * pairs * depth}


def channels(view: View) -> weighted.Channels:
    """Weights as (channels, window) with folded biases and factors."""
    out_c = view.input(1).shape[0]
    weights = constant_data(view.input(1)).astype(np.int8).reshape(out_c, -1)
    return weighted.channels(view, weights, weighted.channel_scales(view, out_c))


def _layout(weights: NDArray[np.int8], window: Window) -> tuple[NDArray[np.int8], bool]:
    """(weights in the order of the block, whether windows are gathered): what multiplies fewer zeros."""
    depth, tap = dsp_layout.round_up4(weights.shape[1]), dsp_layout.round_up4(window.in_c)
    if window.taps * tap > GATHER_FROM * depth:
        return dsp_layout.padded(weights, depth), True
    taps = dsp_layout.padded(weights.reshape(-1, window.in_c), tap)
    return taps.reshape(len(weights), -1), False


def _used(depth: int, window: Window) -> int:
    """Values of a gathered window that are multiplied: where one is left over four, (k, k + 2), and not (k + 1, k + 3).

    The loop for single pixels takes four at a time.
    """
    return depth - 2 if window.taps * window.in_c % 4 == 1 and window.pixels % 4 == 0 else depth


def _pixel_bytes(in_c: int) -> int:
    return dsp_layout.round_up4(in_c) * (2 if in_c % 4 else 1)


KERNELS = (
    Kernel(
        "CONV_2D",
        ("conv_2d_s8_dsp",),
        lambda view: (lower(view, window(view)),),
        "dsp",
        unsupported=unsupported,
        overlap=blockwise(4),
    ),
)
