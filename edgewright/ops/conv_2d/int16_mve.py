"""int16 CONV_2D for Helium: what conv_2d_s16_mve.h takes."""

from __future__ import annotations

from edgewright.kernels import mve_layout, mve_wide
from edgewright.kernels.call import Call, Scratch
from edgewright.kernels.dsp_wide import WideChannels
from edgewright.kernels.record import Kernel
from edgewright.kernels.window import Window
from edgewright.ops.conv_2d import int16_dsp, pixel_block_distance, rows
from edgewright.ops.conv_2d import window as window_of
from edgewright.ops.conv_2d.int16 import OP_INT16
from edgewright.ops.conv_2d.mve import one_row
from edgewright.ops.families.int16 import IN, OUT, act_limits
from edgewright.tflite.graph import View

_PIXELS = 4


def lower_channels(of: WideChannels, view: View, window: Window, batches: int) -> Call:
    """The call for weights and a window that need not be the node's own: FULLY_CONNECTED is a 1 x 1 convolution."""
    (low, high), window = act_limits(view), one_row(window)
    out_c, depth = len(of.bias), mve_layout.round_up(window.taps * window.in_c, mve_wide.VALUES)
    shape = (*window.fields, ("batches", batches), ("out_c", out_c), ("act_min", low), ("act_max", high))
    weights = mve_layout.blocks(of.weights, mve_wide.VALUES)
    arguments = (IN, OUT, weights, mve_wide.factors(of), Scratch("scratch", 2 * _PIXELS * depth))
    blocks = batches * -(-window.pixels // _PIXELS)
    quads = blocks * -(-out_c // mve_layout.LANES)
    work = {"step": quads * depth / mve_wide.VALUES, "quad": quads, "row": batches * window.pixels * window.k_h}
    work["fill"] = batches * window.pixels * window.taps * window.in_c
    return Call("conv_2d_s16_mve", "ew_conv_2d_s16_mve_shape", shape, arguments, work=work)


def _lower(view: View) -> tuple[Call, ...]:
    of = OP_INT16.wide_channels(view, rows(view))
    return (lower_channels(of, view, window_of(view), view.input(0).shape[0]),)


KERNELS = (
    Kernel(
        "CONV_2D",
        ("conv_2d_s16_mve",),
        _lower,
        "mve",
        dtypes=("int16",),
        unsupported=int16_dsp.unsupported,
        overlap=lambda view: {0: 2 * pixel_block_distance(view, window_of(view), _PIXELS)},
    ),
)
