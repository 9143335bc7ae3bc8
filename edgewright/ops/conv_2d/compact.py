"""CONV_2D for DSP cores in as few bytes as possible: the stream of conv_2d_s8_compact.h."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels import dsp_layout
from edgewright.kernels.call import Call, Const, Input, Output, Packing, Scalar, Scratch
from edgewright.kernels.quant import activation_range, zero_point
from edgewright.kernels.record import Kernel
from edgewright.kernels.weighted import Channels
from edgewright.kernels.window import Window
from edgewright.ops.conv_2d import blockwise, dsp, window
from edgewright.tflite.graph import View

BIAS_BOUND = 1 << 26
"""Biases keep below this: their words hold shifts besides."""


MOST = (1 << 15) - 1
"""Of a field of the shape."""


def unsupported(view: View) -> str | None:
    """Why the kernel cannot do the node, or None."""
    return dsp.unsupported(view) or why_not(dsp.channels(view), window(view), view.input(0).shape[0])


def why_not(of: Channels, win: Window, batches: int) -> str | None:
    """Why channels and a window have no stream, or None."""
    if len(of.bias) == 1:
        return "one output channel"
    if max(batches, len(of.bias), of.weights.shape[1] + 3, *(value for _, value in win.fields)) > MOST:
        return f"a size of more than {MOST}"
    if np.any(np.abs(of.bias.astype(np.int64)) >= BIAS_BOUND):
        return "biases of more than 27 bits"
    unfit = [lo + 1 for lo in _pairs(len(of.bias)) if not dsp_layout.fits(of.weights, of.bounds, lo + 1, lo)]
    return f"channel {unfit[0]} is too large for a pair" if unfit else None


def lower(view: View) -> tuple[Call, ...]:
    """The call of `ew_conv_2d_s8_compact`."""
    return (lower_channels(dsp.channels(view), view, window(view), view.input(0).shape[0]),)


def lower_channels(of: Channels, view: View, win: Window, batches: int) -> Call:
    """The same for weights and a window that need not be the node's own."""
    depth = dsp_layout.round_up4(of.weights.shape[1])
    stream = _stream(of, depth, zero_point(view.output()))
    low, high = activation_range(view.option("fused_activation_function", 0), view.output())
    shape = (
        *((name.removeprefix("window."), value) for name, value in win.fields),
        ("batches", batches),
        ("out_c", len(of.bias)),
        ("depth", depth),
        ("act_min", low),
        ("act_max", high),
    )
    packing = Packing(lead=8, body=2 * depth, tail=8)
    arguments = (
        Input("input"),
        Output("output"),
        Const("weights", stream, "biases and shifts, pairs of weights, multipliers", "int32_t", packing),
        Scalar("in_zp", zero_point(view.input(0))),
        Scalar("out_zp", zero_point(view.output())),
        Scratch("scratch", 9 * depth),
    )
    blocks, pairs = batches * sum(divmod(win.pixels, 4)), len(_pairs(len(of.bias)))
    work = {"step": blocks * pairs * depth, "pair": blocks * pairs, "fill": 4 * blocks * depth}
    return Call("conv_2d_s8_compact", "ew_conv_2d_s8_compact_shape", shape, arguments, work=work)


def overlap(view: View) -> Mapping[int, int]:
    """Windows of four pixels are read whole before these are written, or of one."""
    both = [blockwise(pixels)(view)[0] for pixels in (4, 1)]
    return {0: max(both)}


def _pairs(out_c: int) -> list[int]:
    """The first channel of each pair; the second one is in two pairs where there is an odd number of them."""
    return [*range(out_c % 2), *range(out_c % 2, out_c - 1, 2)]


def _stream(of: Channels, depth: int, out_zp: int) -> NDArray[np.int32]:
    ends, weights = dsp_layout.finish(of, out_zp), dsp_layout.padded(of.weights, depth)
    first = dsp_layout.wrapped(of.bias.astype(np.int64) * 32 + ends.shift - 1)
    pairs = [
        (first[lo : lo + 2], dsp_layout.pair_words(weights, lo + 1, lo), ends.multiplier[lo : lo + 2])
        for lo in _pairs(len(of.bias))
    ]
    return np.concatenate([part for pair in pairs for part in pair])


KERNELS = (
    Kernel(
        "CONV_2D",
        ("conv_2d_s8_compact",),
        lower,
        "dsp",
        "compact",
        unsupported=unsupported,
        overlap=overlap,
    ),
)
