"""int16 CONV_2D for DSP cores: the stream of weights and the scratch of conv_2d_s16_dsp.h."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels import dsp_wide
from edgewright.kernels.call import Call, Const, Scratch
from edgewright.kernels.dsp_wide import WideChannels
from edgewright.kernels.record import Kernel
from edgewright.kernels.window import Window
from edgewright.ops.conv_2d import grouped, pixel_block_distance, rows, window
from edgewright.ops.conv_2d.int16 import OP_INT16
from edgewright.ops.families.int16 import IN, OUT, act_limits
from edgewright.tflite.graph import View


def unsupported(view: View) -> str | None:
    """Why the kernel cannot do the node, or None."""
    if not OP_INT16.is_wide(view):
        return "biases of 32 bits"
    return grouped(view) or OP_INT16.wide_channels(view, rows(view)).unsupported()


def lower_channels(of: WideChannels, view: View, window: Window, batches: int) -> Call:
    """The call for weights and a window that need not be the node's own: FULLY_CONNECTED is a 1 x 1 convolution."""
    if window.is_pointwise:  # one row: no block crosses from one to the next
        window = Window(1, window.pixels, window.in_c, 1, window.pixels, 1, 1)
    row = _even(window.k_w * window.in_c)
    depth = window.k_h * row
    stream = dsp_wide.gemm_stream(of, _in_rows(of.weights, window.k_h, row))
    (low, high), made = act_limits(view), window.in_c * window.k_w % 2 == 1 or not _inside(window)
    shape = (
        *window.fields,
        ("batches", batches),
        ("out_c", len(of.bias)),
        ("stream", stream.size),
        ("made", int(made)),
        ("relu", int(low == 0)),
        ("act_min", low),
        ("act_max", high),
    )
    weights = Const("weights", stream, "biases, weights of two channels, factors", "int32_t")
    arguments = (IN, OUT, weights, Scratch("scratch", 8 * (depth + row * made)))
    pairs = -(-len(of.bias) // 2)
    blocks, single = batches * (window.pixels // 4), batches * (window.pixels % 4)
    work = {
        "step": blocks * pairs * depth,
        "pair": blocks * pairs,
        "single": single * pairs * depth,
        "fill": batches * -(-window.pixels // 4) * depth,
        "row": batches * -(-window.pixels // 4) * window.k_h,
    }
    return Call("conv_2d_s16_dsp", "ew_conv_2d_s16_dsp_shape", shape, arguments, work=work)


def block_distance(view: View, of: Window) -> Mapping[int, int]:
    """`Kernel.overlap`: the windows of four pixels are read whole before these are written."""
    return {0: 2 * pixel_block_distance(view, of, 4)}


def _inside(of: Window) -> bool:
    """Whether rows of all windows lie whole in the image."""
    bottom = (of.out_h - 1) * of.stride_h - of.pad_top + (of.k_h - 1) * of.dilation_h
    right = (of.out_w - 1) * of.stride_w - of.pad_left + of.k_w - 1
    padded = of.pad_top or of.pad_left or bottom >= of.in_h or right >= of.in_w
    return not padded and of.dilation_w == 1


def _in_rows(weights: NDArray[np.int8], k_h: int, row: int) -> NDArray[np.int8]:
    """Weights (channels, window) with a zero behind each row of the window that has an odd number of values."""
    taps = weights.reshape(len(weights), k_h, -1)
    return np.pad(taps, ((0, 0), (0, 0), (0, row - taps.shape[2]))).reshape(len(weights), -1)


def _even(count: int) -> int:
    return count + count % 2


def _lower(view: View) -> tuple[Call, ...]:
    of = OP_INT16.wide_channels(view, rows(view))
    return (lower_channels(of, view, window(view), view.input(0).shape[0]),)


KERNELS = (
    Kernel(
        "CONV_2D",
        ("conv_2d_s16_dsp",),
        _lower,
        "dsp",
        dtypes=("int16",),
        unsupported=unsupported,
        overlap=lambda view: block_distance(view, window(view)),
    ),
)
