"""DEPTHWISE_CONV_2D with two pixels in a word: what depthwise_conv_2d_s8_swar.h takes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels import swar_layout, weighted
from edgewright.kernels.call import Argument, Call, Const, Input, Output, Scalar, Scratch
from edgewright.kernels.constant import constant_data
from edgewright.kernels.quant import zero_point
from edgewright.kernels.record import Kernel
from edgewright.kernels.window import Window
from edgewright.ops.conv_2d import pixel_block_distance
from edgewright.ops.conv_2d import swar as conv_swar
from edgewright.ops.depthwise_conv_2d import window as window_of
from edgewright.tflite.graph import View

_MAX_TAPS = 127
_MAX_DILATION = 64
_MAX_SCRATCH = 16 << 10
_PAIR_TAPS, _PAIR_STRIDE = 3, 2
"""Rows and columns of the windows of which two neighbours have a function of their own, and their largest stride."""

_ANY_RUN = range(2, 5)
"""Taps of a row whose products may be summed in 16 bits."""

_CONSTANT = ("window.k_h", "window.k_w", "window.dilation_w", "run", "pairs", "finish", "ties")
"""What the inner loop is unrolled by."""
_TOTAL_COST, _SINGLE_COST = 4, 11
"""Instructions of adding a word to its totals, and of a tap by itself."""


def is_convolution(view: View, window: Window) -> bool:
    """Whether the node is a convolution of an image of one channel."""
    return window.in_c == 1 and view.output().shape[3] > 1


def unsupported(view: View, window: Window) -> str | None:
    """Why the kernel cannot do the node, or None."""
    if is_convolution(view, window):
        return None
    if view.output().shape[3] != window.in_c:
        return "several output channels of an input channel"
    if window.taps > _MAX_TAPS:
        return f"windows of more than {_MAX_TAPS} pixels"
    if window.dilation_w > _MAX_DILATION:
        return f"taps more than {_MAX_DILATION} pixels apart"
    if scratch_bytes(window) > _MAX_SCRATCH:
        return f"a plane of more than {_MAX_SCRATCH >> 10} KiB"
    return None


def in_place(view: View, window: Window) -> bool:
    """Whether output may be input: all of a channel is read before any of it is written, to pixels of its own place."""
    fewer = window.out_h * window.out_w <= window.in_h * window.in_w
    return fewer and not is_convolution(view, window)


def lower(view: View, window: Window, variant: str) -> Call:
    """The call of `ew_depthwise_conv_2d_s8_<variant>`, or of a convolution."""
    weights = np.ascontiguousarray(constant_data(view.input(1)).astype(np.int8).reshape(window.taps, -1).T)
    if is_convolution(view, window):
        return conv_swar.lower(view, window, weights, variant)
    channels = weighted.channels(view, weights, weighted.channel_scales(view, window.in_c))
    finish = swar_layout.finish(view, channels)
    pairs = has_pairs(variant, window, swar_layout.is_short(channels))
    run, kept, singles = _runs(weights, window, range(_PAIR_TAPS, _PAIR_TAPS + 1) if pairs else _ANY_RUN)
    shape = (
        ("batches", view.input(0).shape[0]),
        *window.fields,
        ("run", run),
        ("pairs", int(pairs)),
        *finish,
    )
    arguments: tuple[Argument, ...] = (
        Input("input"),
        Output("output"),
        Const("weights", kept.reshape(-1), "weights"),
        Const("singles", singles, "taps that are summed by themselves", "int16_t"),
        Const("factors", swar_layout.factors(view, channels).reshape(-1), "bias, multiplier, addend, shift", "int32_t"),
        Scalar("in_zp", zero_point(view.input(0))),
        *weighted.output_scalars(view)[1:],
        Scratch("scratch", _pair_scratch_bytes(window) if pairs else scratch_bytes(window), "uint32_t"),
    )
    name = f"depthwise_conv_2d_s8_{variant}"
    constant = (*_CONSTANT, "window.stride_w") if pairs else _CONSTANT
    return Call(name, "ew_depthwise_conv_2d_s8_swar_shape", shape, arguments, constant=constant)


def has_pairs(variant: str, window: Window, short: bool) -> bool:
    """Whether the core has a function for two neighbours of these windows; `short` as `swar_layout.is_short`."""
    three = window.k_h == window.k_w == _PAIR_TAPS and window.dilation_w == 1 and window.stride_w <= _PAIR_STRIDE
    return variant == "m3" and three and short


def scratch_bytes(window: Window) -> int:
    """The plane of words, the weights as words, the place of each pixel of the upper half, and a byte of padding."""
    return _plane_bytes(window) + 4 * window.taps + 2 * -(-window.out_h // 2) * window.out_w + 4


def _pair_scratch_bytes(window: Window) -> int:
    """The plane of words, and what a window past the last of an odd number reads, where the byte of padding lies."""
    return _plane_bytes(window) + 4 * _PAIR_STRIDE


def _plane_bytes(window: Window) -> int:
    height = (-(-window.out_h // 2) - 1) * window.stride_h + (window.k_h - 1) * window.dilation_h + 1
    return 4 * _width(window) * height


def _runs(weights: NDArray[np.int8], window: Window, runs: range) -> tuple[int, NDArray[np.int8], NDArray[np.int16]]:
    """Taps of a row to sum in 16 bits, the number that costs least; weights without single taps; the list of these."""
    k_w = window.k_w
    rows = weights.reshape(len(weights), -1, k_w)
    found: list[tuple[int, int, NDArray[np.int8], list[list[tuple[int, int]]]]] = []
    for run in (run for run in runs if run <= k_w) if k_w > 1 else (1,):
        padded = np.pad(rows, ((0, 0), (0, 0), (0, -k_w % run)))
        kept, singles = swar_layout.split(padded.reshape(len(rows), -1), run)
        cost = _TOTAL_COST * padded.size // run + _SINGLE_COST * sum(map(len, singles))
        taps = [[divmod(tap, padded.shape[2]) for tap in single] for single in singles]
        found.append((cost, run, kept.reshape(padded.shape)[..., :k_w].astype(np.int8), taps))
    _, best, weights_kept, taps_alone = min(found, key=lambda choice: choice[:2])
    return best, weights_kept, _single_list(rows, taps_alone, window)


def _single_list(rows: NDArray[np.int8], singles: list[list[tuple[int, int]]], window: Window) -> NDArray[np.int16]:
    """For each channel the number of its single taps, then place and weight of each.

    The place is in words from the row after the window's last.
    """
    words: list[int] = []
    for channel, taps in enumerate(singles):
        words.append(len(taps))
        for ky, kx in taps:
            place = (ky - window.k_h) * window.dilation_h * _width(window) + kx * window.dilation_w
            words += [place, int(rows[channel, ky, kx])]
    return np.array(words, np.int16)


def _width(window: Window) -> int:
    """Words of a row of the plane."""
    return (window.out_w - 1) * window.stride_w + (window.k_w - 1) * window.dilation_w + 1


def _overlap(view: View) -> Mapping[int, int]:
    """Channel by channel, which allows the same address at most, but for a convolution."""
    window = window_of(view)
    return {0: pixel_block_distance(view, window, 4)} if is_convolution(view, window) else {}


def _kernel(isa: str) -> Kernel:
    return Kernel(
        "DEPTHWISE_CONV_2D",
        (f"depthwise_conv_2d_s8_{isa}", f"conv_2d_s8_{isa}"),
        lambda view: (lower(view, window_of(view), isa),),
        isa,
        unsupported=lambda view: unsupported(view, window_of(view)),
        overlap=_overlap,
        in_place=lambda view: 0 if in_place(view, window_of(view)) else None,
    )


KERNELS = (_kernel("m3"), _kernel("m0"))
