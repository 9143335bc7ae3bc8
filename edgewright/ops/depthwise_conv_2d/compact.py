"""DEPTHWISE_CONV_2D for DSP cores in as many bytes as the file has: depthwise_conv_2d_s8_compact.h."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels.call import PLAIN, Call, Const, Packing, Scalar
from edgewright.kernels.quant import zero_point
from edgewright.kernels.record import Kernel
from edgewright.kernels.window import Window
from edgewright.ops.depthwise_conv_2d import dsp
from edgewright.ops.depthwise_conv_2d import window as window_of
from edgewright.ops.depthwise_conv_2d._axes import axes
from edgewright.tflite.graph import View

UNPACKED_BYTES = 160
"""The stream of four channels, in scratch."""


def lower(view: View, window: Window) -> Call:
    """The call of `ew_depthwise_conv_2d_s8_compact`."""
    lines, along = dsp.orient(axes(window, view.output().shape[3]))
    of = dsp.weights_of(view, window, along)
    packing = Packing(lead=9, body=9, tail=0, form=PLAIN)
    given = (
        Const("weights", _packed(of), "biases, multipliers, shifts, weights", packing=packing),
        Scalar("in_zp", zero_point(view.input(0))),
        Scalar("out_zp", zero_point(view.output())),
    )
    call = dsp.call(view, (lines, along), "depthwise_conv_2d_s8_compact", of.relu, given, UNPACKED_BYTES)
    return replace(call, work={**(call.work or {}), "channel": view.input(0).shape[0] * window.in_c})


def unsupported(view: View, window: Window) -> str | None:
    """Why the kernel cannot do the node, or None."""
    if not dsp.is_three(window):
        return f"windows of {window.k_h} x {window.k_w}"
    if view.output().shape[3] != window.in_c:
        return "several outputs of a channel"
    if window.dilation_h > 1 or window.dilation_w > 1:
        return "dilated"
    return dsp.unsupported(view, window)


def _packed(of: dsp.Weights) -> NDArray[np.int8]:
    """Of each channel in turn bias, multiplier, shift and weights."""
    words = np.stack([of.bias, of.ends.multiplier], axis=1).astype("<i4").view(np.int8)
    columns = [words, of.ends.shift[:, None].astype(np.int8), of.kernels.reshape(len(words), -1)]
    return np.asarray(np.concatenate(columns, axis=1), np.int8).reshape(-1)


KERNELS = (
    Kernel(
        "DEPTHWISE_CONV_2D",
        ("depthwise_conv_2d_s8_compact",),
        lambda view: (lower(view, window_of(view)),),
        "dsp",
        "compact",
        unsupported=lambda view: unsupported(view, window_of(view)),
        in_place=lambda view: 0 if dsp.in_place_here(view, window_of(view)) else None,
    ),
)
