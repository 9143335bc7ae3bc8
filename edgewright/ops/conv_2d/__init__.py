"""CONV_2D, int8: dilated, strided, grouped; weights quantized per channel or per tensor."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels import weighted
from edgewright.kernels.call import Argument, Call, Input, Output, Scalar, Scratch
from edgewright.kernels.constant import constant_data
from edgewright.kernels.overlap import needed_later, write_distance
from edgewright.kernels.quant import zero_point
from edgewright.kernels.window import Window, read_window
from edgewright.ops.base import Op
from edgewright.ops.families import checks, shape_checks, weight_checks
from edgewright.tflite.graph import View

_PIXELS = 2
"""That the portable kernel computes at a time."""


class Conv2D(Op):
    """input [n, h, w, c], weights [out_c, k_h, k_w, c / groups], bias [out_c] or none."""

    name = "CONV_2D"
    versions = range(1, 8)
    inputs = range(2, 4)

    def check(self, view: View) -> Iterator[str]:
        faults = [*shape_checks.weighted_images(view)]
        faults += [*checks.int8(view.input(0), "input"), *checks.int8(view.output(), "output")]
        if faults:
            yield from faults
            return
        yield from weight_checks.check_weights(view, view.input(1).shape[0], axis=0)
        yield from shape_checks.convolution(view)

    def macs(self, view: View) -> int:
        return view.output().elements * view.input(1).elements // view.input(1).shape[0]

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        return {} if groups(view) > 1 else blockwise(_PIXELS)(view)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        out_c = view.input(1).shape[0]
        weights = constant_data(view.input(1)).astype(np.int8).reshape(out_c, -1)
        channels = weighted.channels(view, weights, weighted.channel_scales(view, out_c))
        shape = (
            ("batches", view.input(0).shape[0]),
            *window(view).fields,
            ("out_c", out_c),
            ("groups", groups(view)),
            ("short_requant", int(channels.short_requant)),
        )
        arguments: tuple[Argument, ...] = (
            Input("input"),
            Output("output"),
            *weighted.constants(channels, weights),
            Scalar("in_zp", zero_point(view.input(0))),
            *weighted.output_scalars(view),
            Scratch("scratch", 2 * weights.shape[1]),
        )
        work = {"mac": self.macs(view), "output": view.output().elements}
        return (Call("conv_2d_s8_ref", "ew_conv_2d_s8_shape", shape, arguments, work=work),)


def rows(view: View) -> NDArray[np.int8]:
    """Weights (output channels, window)."""
    return constant_data(view.input(1)).astype(np.int8).reshape(view.input(1).shape[0], -1)


def window(view: View) -> Window:
    """The node's window."""
    return read_window(view, *view.input(1).shape[1:3])


def groups(view: View) -> int:
    """Number of groups: input channels / input channels of the weights."""
    return view.input(0).shape[3] // view.input(1).shape[3]


def grouped(view: View) -> str | None:
    """Why kernels without groups cannot do a node, None where they can."""
    return "grouped" if groups(view) > 1 else None


def blockwise(pixels: int) -> Callable[[View], Mapping[int, int]]:
    """`Kernel.overlap` of kernels that read the windows of a block of pixels whole before they write these."""
    return lambda view: {0: pixel_block_distance(view, window(view), pixels)}


def pixel_block_distance(view: View, of: Window, block: int) -> int:
    """`write_distance` of kernels that read the windows of `block` output pixels, then write these pixels."""
    in_bytes, out_c = of.in_h * of.in_w * of.in_c, view.output().shape[3]
    batches = np.arange(view.input(0).shape[0])
    starts = np.arange(0, of.pixels, block)
    first = np.minimum.reduceat(of.first_pixels(), starts) * of.in_c
    ends = np.minimum(starts + block, of.pixels) * out_c
    written = (batches[:, None] * of.pixels * out_c + ends).reshape(-1)
    return write_distance(written, needed_later((batches[:, None] * in_bytes + first).reshape(-1)))


OP = Conv2D()
