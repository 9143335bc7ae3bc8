"""FULLY_CONNECTED for DSP cores: the stream of fully_connected_s8_dsp.h."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels import dsp_layout
from edgewright.kernels.call import Call, Const, Input, Output, Scratch
from edgewright.kernels.overlap import needed_later, write_distance
from edgewright.kernels.quant import activation_range, zero_point
from edgewright.kernels.record import Kernel
from edgewright.kernels.weighted import Channels
from edgewright.kernels.window import Window
from edgewright.ops.conv_2d import dsp as conv_dsp
from edgewright.ops.fully_connected import channels, rounds_once
from edgewright.tflite.graph import View

ROWS = 4
"""From so many rows on convolution's kernel is faster: it uses a weight for four rows at a time."""

_ENDS_BYTES = 16
"""Of a channel in the stream, beside its weights."""


def lower(of: Channels, view: View, rows: int) -> Call:
    """The call of `ew_fully_connected_s8_dsp`, or of convolution's kernel, for `rows` rows of what the weights take."""
    if rows >= ROWS:
        return conv_dsp.lower_channels(of, view, _row_window(of.weights.shape[1], rows), 1)
    out_zp = zero_point(view.output())
    low, high = activation_range(view.option("fused_activation_function", 0), view.output())
    relu = low >= out_zp and dsp_layout.fits_constant_shift(of, out_zp)
    out_c, depth = of.weights.shape
    stream, packing = _stream(of, out_zp, relu), dsp_layout.packing(dsp_layout.round_up4(depth), channels=4)
    shape = (
        ("rows", rows),
        ("depth", depth),
        ("out_c", out_c),
        ("stream", stream.size),
        ("relu", int(relu)),
        ("act_min", low),
        ("act_max", high),
    )
    arguments = (
        Input("input"),
        Output("output"),
        Const("weights", stream, "biases, pairs of weights, factors", "int32_t", packing),
        Scratch("scratch", 2 * dsp_layout.round_up4(depth)),
    )
    # channels whose sums are too large for a pair are streamed, and multiplied, as two
    deep = dsp_layout.round_up4(depth)
    streamed = 4 * stream.size // (deep + _ENDS_BYTES)
    work = {"product": rows * streamed * deep, "output": rows * streamed, "value": rows * deep}
    return Call("fully_connected_s8_dsp", "ew_fully_connected_s8_dsp_shape", shape, arguments, work=work)


def distance(out_c: int, depth: int, rows: int) -> int:
    """`write_distance` of the kernel: rows are read whole before they are written, four at once in convolution's."""
    starts = np.arange(0, rows, ROWS if rows >= ROWS else 1)
    ends = np.append(starts[1:], rows)
    return write_distance(ends * out_c, needed_later(starts * depth))


def _row_window(depth: int, rows: int) -> Window:
    return Window(1, rows, depth, 1, rows, 1, 1)


def _stream(of: Channels, out_zp: int, relu: bool) -> NDArray[np.int32]:
    weights = dsp_layout.padded(of.weights, dsp_layout.round_up4(of.weights.shape[1]))
    pairs = dsp_layout.packed_pairs(of, weights, out_zp, relu)
    if len(pairs) % 2:  # the first of the last two comes to nothing
        pairs.insert(-1, pairs[-1])
    return np.concatenate([_four(first, second) for first, second in zip(pairs[::2], pairs[1::2], strict=True)])


def _four(first: dsp_layout.Pair, second: dsp_layout.Pair) -> NDArray[np.int32]:
    words = np.stack([first.words.reshape(-1, 2), second.words.reshape(-1, 2)], axis=2)  # [quads, even or odd, pair]
    return np.concatenate([first.biases, second.biases, words.reshape(-1), first.ends, second.ends])


def _rows(view: View) -> int:
    return view.output().elements // view.input(1).shape[0]


def _overlap(view: View) -> Mapping[int, int]:
    out_c, depth = view.input(1).shape
    return {0: distance(out_c, depth, _rows(view))}


def _lower(view: View) -> tuple[Call, ...]:
    return (lower(channels(view), view, _rows(view)),)


KERNELS = (
    Kernel(
        "FULLY_CONNECTED",
        ("fully_connected_s8_dsp", "conv_2d_s8_dsp"),
        _lower,
        "dsp",
        unsupported=lambda view: rounds_once(view) or dsp_layout.unsupported(channels(view), view),
        overlap=_overlap,
    ),
)
