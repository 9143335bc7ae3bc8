"""CONV_2D_FULLY_CONNECTED for DSP cores: the stream of conv_dense_s8_dsp.h."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels import dsp_layout
from edgewright.kernels.call import Argument, Call, Const, Input, Output, Packing, Scalar, Scratch
from edgewright.kernels.quant import zero_point
from edgewright.kernels.record import Kernel
from edgewright.ops.conv_2d import dsp as conv_dsp
from edgewright.ops.made.conv_2d_fully_connected import (
    ENDS,
    INSIDE,
    OP,
    blocks_of,
    calls_of,
    dense_arguments,
    reading,
    shape_of,
)
from edgewright.tflite.graph import Graph, View

_HEAD = 4
"""Words of a channel before its weights."""


def lower(view: View) -> tuple[Call, ...]:
    """The call of `ew_conv_dense_s8_dsp`."""
    inside: Graph = view.option(INSIDE)
    conv, dense, blocks = *calls_of(inside), blocks_of(inside)
    own, words = {a.name: a for a in conv.arguments}, _channel_words(View(inside, inside.nodes[0]))
    quads = (words.shape[1] - _HEAD) // 2
    ends = tuple((f"mid_{name[4:]}", _number(own[name])) for name in ENDS[1:])
    shape = (*((f"of.{n}", value) for n, value in shape_of(conv, dense, blocks)), ("quads", quads), *ends)
    arguments: tuple[Argument, ...] = (
        Input("input"),
        Output("output"),
        Const("stream", words.reshape(-1), "bias, factors and weights by channel", "int32_t", _packing(words)),
        own["in_zp"],
        *dense_arguments(inside, dense),
        Scratch("scratch", 4 * dict(dense.shape)["out_c"] + 4 * quads + 8 * quads * blocks.pixels),
    )
    work = reading(inside).work
    return (Call("conv_dense_s8_dsp", "ew_conv_dense_s8_dsp_shape", shape, arguments, work=work),)


def _packing(words: NDArray[np.int32]) -> Packing:
    """Each weight is a halfword of its own: the high byte, without what a negative low one takes, is zero."""
    return Packing(lead=4 * _HEAD, body=4 * (words.shape[1] - _HEAD), tail=0)


def _channel_words(conv: View) -> NDArray[np.int32]:
    """int32 (channels, words): the stream of conv_dense_s8_dsp.h."""
    of = conv_dsp.channels(conv)
    ends = dsp_layout.finish(of, zero_point(conv.output()))
    weights = dsp_layout.padded(of.weights, dsp_layout.round_up4(of.weights.shape[1]))
    words = np.stack([dsp_layout.pair_words(weights, None, channel) for channel in range(len(weights))])
    head = np.stack([of.bias, ends.multiplier, ends.constant, ends.shift], axis=1)
    return np.concatenate([head, words], axis=1)


def _number(argument: Argument) -> int:
    if not isinstance(argument, Scalar):
        raise TypeError(f"{argument.name} is no number")
    return int(argument.value)


def unsupported(view: View) -> str | None:
    """Why the kernel cannot do the node, or None."""
    inside: Graph = view.option(INSIDE)
    return conv_dsp.unsupported(View(inside, inside.nodes[0]))


KERNELS = (
    Kernel(
        "CONV_2D_FULLY_CONNECTED",
        ("conv_dense_s8_dsp",),
        lower,
        "dsp",
        unsupported=unsupported,
        overlap=OP.overlap_ref,
    ),
)
