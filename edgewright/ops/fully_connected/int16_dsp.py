"""int16 FULLY_CONNECTED for DSP cores: the stream of fully_connected_s16_dsp.h."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from edgewright.kernels import dsp_layout, dsp_wide
from edgewright.kernels.call import Call, Const, Scratch
from edgewright.kernels.constant import constant_data
from edgewright.kernels.dsp_wide import WideChannels
from edgewright.kernels.overlap import needed_later, write_distance
from edgewright.kernels.record import Kernel
from edgewright.kernels.window import Window
from edgewright.ops.conv_2d import int16_dsp as conv_dsp
from edgewright.ops.families.int16 import IN, OUT, act_limits
from edgewright.ops.fully_connected.dsp import ROWS
from edgewright.ops.fully_connected.int16 import OP_INT16
from edgewright.tflite.graph import View


def unsupported(view: View) -> str | None:
    """Why kernels for sums of 32 bits cannot do the node, or None."""
    return channels(view).unsupported() if OP_INT16.is_wide(view) else "biases of 32 bits"


def _lower(view: View) -> tuple[Call, ...]:
    of, rows = channels(view), _rows(view)
    out_c, depth = of.weights.shape
    if rows >= ROWS:
        return (conv_dsp.lower_channels(of, view, Window(1, rows, depth, 1, rows, 1, 1), 1),)
    stream, (low, high) = dsp_wide.dense_stream(of), act_limits(view)
    shape = (
        ("rows", rows),
        ("depth", depth),
        ("out_c", out_c),
        ("stream", stream.size),
        ("relu", int(low == 0)),
        ("act_min", low),
        ("act_max", high),
    )
    weights = Const("weights", stream, "biases, pairs of weights, factors", "int32_t")
    scratch = Scratch("scratch", 2 * dsp_layout.round_up4(depth) if depth % 4 else 0)
    work = {"product": rows * 4 * stream.size, "output": rows * out_c}
    return (
        Call(
            "fully_connected_s16_dsp", "ew_fully_connected_s16_dsp_shape", shape, (IN, OUT, weights, scratch), work=work
        ),
    )


def _overlap(view: View) -> Mapping[int, int]:
    """Four rows are read whole before they are written, where there are so many."""
    rows, (out_c, depth) = _rows(view), view.input(1).shape
    starts = np.arange(0, rows, ROWS)
    ends = np.append(starts[1:], rows)
    return {0: 2 * write_distance(ends * out_c, needed_later(starts * depth))} if rows >= ROWS else {}


def channels(view: View) -> WideChannels:
    """Of a node."""
    return OP_INT16.wide_channels(view, constant_data(view.input(1)).astype(np.int8))


def _rows(view: View) -> int:
    return view.output().elements // view.input(1).shape[0]


KERNELS = (
    Kernel(
        "FULLY_CONNECTED",
        ("fully_connected_s16_dsp", "conv_2d_s16_dsp"),
        _lower,
        "dsp",
        dtypes=("int16",),
        unsupported=unsupported,
        overlap=_overlap,
    ),
)
