"""DEPTHWISE_CONV_2D with two pixels in a word: what firmware/kernels/depthwise_conv_2d_s8_swar.h takes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgewright.ops import _conv, _swar, _swar_conv
from edgewright.ops._base import Argument, Call, Const, Input, Output, Scalar, Scratch
from edgewright.ops._quant import zero_point
from edgewright.ops._window import Window
from edgewright.tflite.graph import View

_MAX_TAPS = 127
_MAX_SCRATCH = 16 << 10
_TOTAL_COST, _SINGLE_COST = 4, 8
"""Instructions of adding a word to its totals, and of a tap by itself."""


def is_convolution(view: View, window: Window) -> bool:
    """Whether the node is a convolution of an image of one channel."""
    return window.in_c == 1 and view.output().shape[3] > 1


def refuses(view: View, window: Window) -> str | None:
    """Why the kernel cannot do the node, or None."""
    if is_convolution(view, window):
        return None
    if view.output().shape[3] != window.in_c:
        return "several output channels of an input channel"
    if window.taps > _MAX_TAPS:
        return f"windows of more than {_MAX_TAPS} pixels"
    if scratch_bytes(window) > _MAX_SCRATCH:
        return f"a plane of more than {_MAX_SCRATCH >> 10} KiB"
    return None


def in_place(view: View, window: Window) -> bool:
    """Whether output may be input: pixels match."""
    same = (window.in_h, window.in_w) == (window.out_h, window.out_w)
    return same and not is_convolution(view, window)


def lower(view: View, window: Window, variant: str) -> Call:
    """The call of `ew_depthwise_conv_2d_s8_<variant>`, or of a convolution."""
    weights = np.ascontiguousarray(_conv.constant_data(view.input(1)).astype(np.int8).reshape(window.taps, -1).T)
    if is_convolution(view, window):
        return _swar_conv.lower(view, window, weights, variant)
    channels = _conv.channels(view, weights, _conv.channel_scales(view, window.in_c))
    run, kept, singles = _runs(weights)
    factors = np.stack([channels.bias, channels.multiplier, channels.shift.astype(np.int32)], axis=1)
    shape = (
        ("batches", view.input(0).shape[0]),
        *window.fields,
        ("run", run),
        ("short_requant", int(_swar.short_requant(channels))),
        ("ties", _swar.ties(view)),
    )
    arguments: tuple[Argument, ...] = (
        Input("input"),
        Output("output"),
        Const("weights", kept.reshape(-1), "weights"),
        Const("singles", singles, "taps that are summed by themselves"),
        Const("factors", factors.astype(np.int32).reshape(-1), "bias, multiplier, shift", "int32_t"),
        Scalar("in_zp", zero_point(view.input(0))),
        *_conv.output_scalars(view),
        Scratch("scratch", scratch_bytes(window), "uint32_t"),
    )
    return Call(f"depthwise_conv_2d_s8_{variant}", "ew_depthwise_conv_2d_s8_swar_shape", shape, arguments)


def scratch_bytes(window: Window) -> int:
    """The plane of words, and a byte of padding."""
    width = (window.out_w - 1) * window.stride_w + (window.k_w - 1) * window.dilation_w + 1
    height = (-(-window.out_h // 2) - 1) * window.stride_h + (window.k_h - 1) * window.dilation_h + 1
    return 4 * width * height + 4


def _runs(weights: NDArray[np.int8]) -> tuple[int, NDArray[np.int8], NDArray[np.int8]]:
    """The run that costs least, weights without single taps, and the list of these."""
    found = []
    for run in range(2, 5):
        padded = np.pad(weights, ((0, 0), (0, -weights.shape[1] % run)))
        kept, singles = _swar.split(padded, run)
        cost = _TOTAL_COST * padded.shape[1] // run * len(weights) + _SINGLE_COST * sum(map(len, singles))
        found.append((cost, run, kept[:, : weights.shape[1]].astype(np.int8), singles))
    _, run, kept, singles = min(found, key=lambda choice: choice[:2])
    rows = [[len(taps), *(v for t in taps for v in (t, int(weights[c, t])))] for c, taps in enumerate(singles)]
    return run, kept, np.array([value for row in rows for value in row], np.int8)
