"""int16 DEPTHWISE_CONV_2D for Helium: what depthwise_conv_2d_s16_mve.h takes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels import mve_wide
from edgewright.kernels.call import Call, Const, Scratch
from edgewright.kernels.record import Kernel
from edgewright.ops.depthwise_conv_2d import mve
from edgewright.ops.depthwise_conv_2d import window as window_of
from edgewright.ops.depthwise_conv_2d.int16_dsp import channels
from edgewright.ops.families.int16 import IN, OUT, act_limits
from edgewright.tflite.graph import View

_ITEM = 2
"""Bytes of a value: the kernel counts channels in bytes."""
_MAX_ROWS, _MAX_STEP = 16, 31
"""Height of a window, and pixels of 16 bytes that an instruction's offset reaches."""


def _unsupported(view: View) -> str | None:
    window = window_of(view)
    if view.output().shape[3] != window.in_c:
        return "several outputs of a channel"
    if window.k_h > _MAX_ROWS:
        return f"windows of more than {_MAX_ROWS} rows"
    if window.dilation_w > _MAX_STEP:
        return f"taps more than {_MAX_STEP} pixels apart"
    if window.stride_w > _MAX_STEP:
        return f"a stride of more than {_MAX_STEP} pixels"
    return channels(view).unsupported()


def _lower(view: View) -> tuple[Call, ...]:
    of, (low, high) = channels(view), act_limits(view)
    window = replace(window_of(view), in_c=_ITEM * view.output().shape[3])
    batches, vectors = view.input(0).shape[0], -(-len(of.bias) // mve_wide.VALUES)
    shape = (("batches", batches), *window.fields, ("act_min", low), ("act_max", high))
    weights = Const("weights", _blocks(of.weights), "weights of 8 channels")
    arguments = (IN, OUT, weights, mve_wide.factors(of, mve_wide.VALUES), Scratch("scratch", mve.scratch_bytes(window)))
    outputs = batches * window.pixels * vectors
    ring = batches * window.in_h * window.in_w * vectors
    work = {"tap": outputs * window.taps, "output": outputs, "fill": ring}
    return (Call("depthwise_conv_2d_s16_mve", "ew_depthwise_conv_2d_s16_mve_shape", shape, arguments, work=work),)


def _blocks(weights: NDArray[np.int8]) -> NDArray[np.int8]:
    """[channels, taps] -> [8 channels of a block][taps][8]."""
    padded = np.pad(weights, ((0, -len(weights) % mve_wide.VALUES), (0, 0)))
    blocks = padded.reshape(-1, mve_wide.VALUES, weights.shape[1]).transpose(0, 2, 1)
    return np.ascontiguousarray(blocks).reshape(-1)


def _distance(view: View) -> dict[int, int]:
    return {0: _ITEM * mve.row_distance(view, window_of(view))}


KERNELS = (
    Kernel(
        "DEPTHWISE_CONV_2D",
        ("depthwise_conv_2d_s16_mve",),
        _lower,
        "mve",
        dtypes=("int16",),
        unsupported=_unsupported,
        overlap=_distance,
    ),
)
