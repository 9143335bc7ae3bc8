"""FULLY_CONNECTED for DSP cores in as many bytes as the file has: the stream of fully_connected_s8_compact.h."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels import dsp_layout
from edgewright.kernels.call import Call, Const, Input, Output, Packing, Scalar
from edgewright.kernels.overlap import needed_later, write_distance
from edgewright.kernels.quant import activation_range, zero_point
from edgewright.kernels.record import Kernel
from edgewright.kernels.weighted import Channels
from edgewright.ops.fully_connected import channels, rounds_once
from edgewright.tflite.graph import View

TOGETHER = 4
"""Channels that are computed together, the first ones; the others two at a time. Depth is a multiple of this, too."""


def unsupported(view: View) -> str | None:
    """Why the kernel cannot do the node, or None."""
    depth = view.input(1).shape[1]
    if depth % TOGETHER:
        return f"{depth} values in a row, not a multiple of {TOGETHER}"
    of = channels(view)
    pairs = ((hi, lo) for lo, hi in _pairs(len(of.weights)) if hi is not None)
    unfit = next((hi for hi, lo in pairs if not dsp_layout.fits(of.weights, of.bounds, hi, lo)), None)
    if unfit is not None:
        return f"channel {unfit} is too large for a pair"
    return rounds_once(view) or dsp_layout.unsupported(of, view)


def lower(view: View) -> tuple[Call, ...]:
    """The call of `ew_fully_connected_s8_compact`."""
    of = channels(view)
    out_c, depth = of.weights.shape
    rows = view.output().elements // out_c
    low, high = activation_range(view.option("fused_activation_function", 0), view.output())
    bias, (multiplier, shift) = _biases(of, zero_point(view.input(0))), _factors(of, view)
    shape = (
        ("rows", rows),
        ("depth", depth),
        ("out_c", out_c),
        ("wide_bias", int(bias.dtype == np.int32)),
        ("per_channel", int(len(shift) > 1)),
        ("act_min", low),
        ("act_max", high),
    )
    packing = Packing(lead=TOGETHER * bias.itemsize, body=TOGETHER * depth, tail=0)
    stream = _stream(of, bias)
    arguments = (
        Input("input"),
        Output("output"),
        Const("weights", stream, "biases, pairs of weights", "int32_t", None if out_c % TOGETHER else packing),
        Const("multiplier", multiplier, "multipliers", "int32_t"),
        Const("shift", shift, "right shifts, less 1"),
        Scalar("in_zp", zero_point(view.input(0))),
        Scalar("out_zp", zero_point(view.output())),
    )
    rest = out_c % TOGETHER
    work = {
        "product": rows * (out_c - rest) * depth,
        "single": rows * rest * depth,
        "output": rows * out_c,
        "row": rows,
    }
    return (Call("fully_connected_s8_compact", "ew_fully_connected_s8_compact_shape", shape, arguments, work=work),)


def overlap(view: View) -> Mapping[int, int]:
    """A row is read until its last channels are written."""
    out_c, depth = view.input(1).shape
    fours = out_c // TOGETHER * TOGETHER
    ends = np.array([*range(TOGETHER, fours + 1, TOGETHER), *range(fours + 2, out_c, 2), out_c])
    rows = np.arange(view.output().elements // out_c)[:, None]
    starts = np.broadcast_to(rows * depth, (len(rows), len(ends)))
    return {0: write_distance((rows * out_c + ends).reshape(-1), needed_later(starts.reshape(-1)))}


def _pairs(out_c: int) -> list[tuple[int, int | None]]:
    """(lo, hi) of all pairs."""
    return [(lo, lo + 1 if lo + 1 < out_c else None) for lo in range(0, out_c, 2)]


def _stream(of: Channels, bias: NDArray[np.int16] | NDArray[np.int32]) -> NDArray[np.int32]:
    """For each four channels: biases; for each four values (k, k + 2) of both pairs, then (k + 1, k + 3) of both."""
    pairs = [dsp_layout.pair_words(of.weights, hi, lo).reshape(-1, 2) for lo, hi in _pairs(len(bias))]
    first = np.pad(bias, (0, len(bias) % 2)).view("<i4").reshape(len(pairs), -1)
    together = len(bias) // TOGETHER * 2
    groups = [*([i, i + 1] for i in range(0, together, 2)), *([i] for i in range(together, len(pairs)))]
    parts = [part for group in groups for part in (first[group], np.stack([pairs[i] for i in group], axis=2))]
    return np.asarray(np.concatenate([part.reshape(-1) for part in parts]), np.int32)


def _biases(of: Channels, in_zp: int) -> NDArray[np.int16] | NDArray[np.int32]:
    """As the file has them, in 16 bits where all fit."""
    plain = dsp_layout.wrapped(of.bias + in_zp * of.weights.astype(np.int64).sum(axis=1))
    narrow = plain.astype(np.int16)
    return narrow if np.array_equal(plain, narrow) else plain


def _factors(of: Channels, view: View) -> tuple[NDArray[np.int32], NDArray[np.int8]]:
    """(multipliers, shifts less 1): of each channel, or the first alone where all are the same."""
    ends = dsp_layout.finish(of, zero_point(view.output()))
    multiplier, shift = ends.multiplier, (ends.shift - 1).astype(np.int8)
    if np.all(multiplier == multiplier[0]) and np.all(shift == shift[0]):
        return multiplier[:1], shift[:1]
    return multiplier, shift


KERNELS = (
    Kernel(
        "FULLY_CONNECTED",
        ("fully_connected_s8_compact",),
        lower,
        "dsp",
        "compact",
        unsupported=unsupported,
        overlap=overlap,
    ),
)
