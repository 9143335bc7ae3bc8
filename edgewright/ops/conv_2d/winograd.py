"""CONV_2D for DSP cores by Winograd's F(2, 3): the stream of conv_2d_s8_winograd.h."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels import dsp_layout
from edgewright.kernels.call import Call, Const, Input, Output, Scalar, Scratch
from edgewright.kernels.quant import activation_range, zero_point
from edgewright.kernels.record import Kernel
from edgewright.kernels.weighted import Channels
from edgewright.kernels.window import Window
from edgewright.ops.conv_2d import blockwise, window
from edgewright.ops.conv_2d import dsp as conv_dsp
from edgewright.tflite.graph import View

PIXELS = 8
"""Pixels whose windows are read whole before they are written."""


def unsupported(view: View, window: Window) -> str | None:
    """Why the kernel cannot do the node, or None."""
    if view.input(0).shape[3] != view.input(1).shape[3]:
        return "grouped"
    if window.k_w != 3 or window.stride_w != 1 or window.dilation_w != 1:
        return "only for three columns and a column stride of 1"
    if window.in_c % 4:
        return f"{window.in_c} input channels, not a multiple of 4"
    if window.out_w % 2:
        return f"{window.out_w} output columns, not even"
    return conv_dsp.unsupported(view)


def lower(view: View, window: Window) -> Call:
    """The call of `ew_conv_2d_s8_winograd`."""
    of, out_zp = conv_dsp.channels(view), zero_point(view.output())
    low, high = activation_range(view.option("fused_activation_function", 0), view.output())
    relu = low >= out_zp and dsp_layout.fits_constant_shift(of, out_zp)
    stream = _stream(of, window, out_zp, relu)
    shape = (
        *window.fields,
        ("batches", view.input(0).shape[0]),
        ("out_c", len(of.bias)),
        ("stream", stream.size),
        ("relu", int(relu)),
        ("act_min", low),
        ("act_max", high),
    )
    arguments = (
        Input("input"),
        Output("output"),
        Const("weights", stream, "biases, transformed weights, factors", "int32_t"),
        Scalar("in_zp", zero_point(view.input(0))),
        Scratch("scratch", _scratch_bytes(window, len(of.bias))),
    )
    blocks = view.input(0).shape[0] * -(-window.pixels // PIXELS)
    work = _work(blocks, len(of.bias), window.k_h * window.in_c)
    return Call("conv_2d_s8_winograd", "ew_conv_2d_s8_winograd_shape", shape, arguments, work=work)


def _work(blocks: int, out_c: int, depth: int) -> dict[str, float]:
    """For each block of four tiles, steps and ends of each pair of channels, and values to transform."""
    pairs = -(-out_c // 2)
    return {"step": blocks * pairs * depth, "pair": blocks * pairs, "fill": blocks * 16 * depth}


def _scratch_bytes(window: Window, out_c: int) -> int:
    tail = 0 if window.pixels % PIXELS == 0 else 8 * out_c
    return 32 * window.k_h * window.in_c + tail + window.in_c


def _stream(of: Channels, window: Window, out_zp: int, relu: bool) -> NDArray[np.int32]:
    ends = dsp_layout.constant_shift(of, out_zp) if relu else dsp_layout.finish(of, out_zp)
    parts = _components(of.weights.reshape(len(of.bias), window.k_h, 3, window.in_c))
    words: list[NDArray[np.int32]] = []
    for first in range(0, len(of.bias), 2):
        both = [first, min(first + 1, len(of.bias) - 1)]  # an odd last channel is its own partner
        tails = [dsp_layout.tail(ends, c, int(ends.shift[c]) - int(relu)) for c in both]
        m0, m1, m2, m3 = (_interleaved(part[both]) for part in parts)
        words += [dsp_layout.wrapped(2 * of.bias[both].astype(np.int64)), m1, m2, m0, *tails, m3, *tails]
    return np.concatenate(words)


def _components(g: NDArray[np.int8]) -> tuple[NDArray[np.int16], ...]:
    """Weights of m0, m1, m2 and -m3, int16 (channels, rows * in_c), of weights (channels, rows, 3, in_c)."""
    g0, g1, g2 = (g[:, :, column].astype(np.int16) for column in range(3))
    parts = (2 * g0, g0 + g1 + g2, g0 - g1 + g2, -2 * g2)
    return tuple(part.reshape(len(g), -1) for part in parts)


def _interleaved(two: NDArray[np.int16]) -> NDArray[np.int32]:
    """Words (k, k + 2), (k + 1, k + 3) of two channels in turn."""
    ordered = two.reshape(2, -1, 4)[:, :, [0, 2, 1, 3]].astype("<i2")
    words = np.ascontiguousarray(ordered).reshape(2, -1).view("<i4")
    return np.ascontiguousarray(words.T).reshape(-1).astype(np.int32)


KERNELS = (
    Kernel(
        "CONV_2D",
        ("conv_2d_s8_winograd",),
        lambda view: (lower(view, window(view)),),
        "dsp",
        "winograd",
        unsupported=lambda view: unsupported(view, window(view)),
        overlap=blockwise(PIXELS),
    ),
)
