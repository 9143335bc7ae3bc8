"""FULLY_CONNECTED for cores without DSP instructions: what fully_connected_s8_swar.h takes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels import swar_layout, weighted
from edgewright.kernels.call import Argument, Call, Const, Input, Output
from edgewright.kernels.quant import quantization
from edgewright.kernels.record import Kernel
from edgewright.ops.fully_connected import channels, rounds_once, rows_distance
from edgewright.tflite.graph import View

BLOCK = 8
"""Channels of which a row is read once."""

_FOUR = 4
"""Channels in a word."""

_SUM_BITS = 24
"""Of the sums that three words hold."""


def unsupported(view: View) -> str | None:
    """Why the kernel cannot do the node, or None."""
    of = channels(view)
    if not swar_layout.is_short(of):
        return "a factor or a sum that the short requantisation is not exact for"
    if np.max(128 * np.abs(of.weights.astype(np.int64)).sum(axis=1)) >= 1 << (_SUM_BITS - 1):
        return f"sums of more than {_SUM_BITS} bits"
    return rounds_once(view)


def lower(view: View, variant: str) -> Call:
    """The call of `ew_fully_connected_s8_<variant>`."""
    of = channels(view)
    out_c, depth = of.weights.shape
    rows = view.output().elements // out_c
    per_channel = quantization(view.input(1)).per_channel
    shape = (("rows", rows), ("depth", depth), ("out_c", out_c), ("per_channel", int(per_channel)))
    weights, *factors = weighted.constants(of, of.weights)
    words = Const(weights.name, _words(of.weights), "weights + 128, four channels in a word", "int32_t")
    arguments: tuple[Argument, ...] = (
        Input("input"),
        Output("output"),
        words,
        factors[0],
        *(factors[1:] if per_channel else map(weighted.first, factors[1:])),
        *weighted.output_scalars(view),
    )
    work = {"mac": rows * depth * -(-out_c // _FOUR) * _FOUR, "output": rows * out_c}
    return Call(f"fully_connected_s8_{variant}", "ew_fully_connected_s8_swar_shape", shape, arguments, work=work)


def _words(weights: NDArray[np.int8]) -> NDArray[np.int32]:
    """[channels, depth] -> for eight channels [depth][2], for up to four at the end [depth]."""
    fours = -(-len(weights) // _FOUR)
    padded = np.pad(weights, ((0, fours * _FOUR - len(weights)), (0, 0)))
    of_channel = (padded.astype(np.int16) + 128).astype(np.uint8).reshape(fours, _FOUR, -1)
    words = np.ascontiguousarray(of_channel[:, ::-1].transpose(0, 2, 1)).view("<i4")[..., 0]  # [fours, depth]
    pairs = words[: fours // 2 * 2].reshape(fours // 2, 2, weights.shape[1]).transpose(0, 2, 1)
    found: NDArray[np.int32] = np.concatenate([pairs.reshape(-1), words[fours // 2 * 2 :].reshape(-1)])
    return found


def _overlap(view: View) -> Mapping[int, int]:
    return {0: rows_distance(view, BLOCK)}


def _kernel(isa: str) -> Kernel:
    return Kernel(
        "FULLY_CONNECTED",
        (f"fully_connected_s8_{isa}",),
        lambda view: (lower(view, isa),),
        isa,
        unsupported=unsupported,
        overlap=_overlap,
    )


KERNELS = (_kernel("m3"), _kernel("m0"))
