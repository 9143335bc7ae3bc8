"""DEPTHWISE_CONV_2D, int8: any multiplier, dilation, stride and padding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from edgewright.kernels import weighted
from edgewright.kernels.call import Argument, Call, Input, Output, Scalar, Scratch
from edgewright.kernels.constant import constant_data
from edgewright.kernels.core import Core
from edgewright.kernels.quant import zero_point
from edgewright.kernels.window import Window, read_window
from edgewright.ops.base import Op
from edgewright.ops.conv_2d import pixel_block_distance
from edgewright.ops.depthwise_conv_2d import dsp as depthwise_dsp
from edgewright.ops.depthwise_conv_2d import mve as depthwise_mve
from edgewright.ops.depthwise_conv_2d import swar as depthwise_swar
from edgewright.ops.families import checks, shape_checks, weight_checks
from edgewright.tflite.graph import View


class DepthwiseConv2D(Op):
    """input [n, h, w, c], weights [1, k_h, k_w, c * multiplier], bias [c * multiplier] or none."""

    name = "DEPTHWISE_CONV_2D"
    versions = range(1, 8)
    inputs = range(2, 4)

    def check(self, view: View) -> Iterator[str]:
        faults = [*shape_checks.weighted_images(view)]
        faults += [*checks.int8(view.input(0), "input"), *checks.int8(view.output(), "output")]
        if faults:
            yield from faults
            return
        yield from weight_checks.check_weights(view, view.input(1).shape[3], axis=3)
        yield from shape_checks.depthwise(view)

    def macs(self, view: View) -> int:
        return view.output().elements * window(view).taps

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        of = window(view)
        out_c = view.output().shape[3]
        weights = constant_data(view.input(1)).astype(np.int8).reshape(-1, out_c)
        channels = weighted.channels(view, np.ascontiguousarray(weights.T), weighted.channel_scales(view, out_c))
        shape = (
            ("batches", view.input(0).shape[0]),
            *of.fields,
            ("multiplier", out_c // of.in_c),
            ("short_requant", int(channels.short_requant)),
        )
        arguments: tuple[Argument, ...] = (
            Input("input"),
            Output("output"),
            *weighted.constants(channels, weights),
            Scalar("in_zp", zero_point(view.input(0))),
            *weighted.output_scalars(view),
            Scratch("scratch", of.taps * of.in_c),
        )
        return (Call("depthwise_conv_2d_s8_ref", "ew_depthwise_conv_2d_s8_shape", shape, arguments),)

    def overlap(self, view: View, variant: str) -> Mapping[int, int]:
        """The window of a pixel is read whole before the pixel is written.

        `dsp` goes through the image channel by channel, which allows the same address at most (`in_place`).
        """
        if variant == "mve":
            return {0: depthwise_mve.distance(view, window(view))}
        if variant in {"m0", "m3"}:
            convolution = depthwise_swar.is_convolution(view, window(view))
            return {0: pixel_block_distance(view, window(view), 4)} if convolution else {}
        return {} if variant == "dsp" else {0: pixel_block_distance(view, window(view), 1)}

    def in_place(self, view: View, variant: str) -> int | None:
        if variant in {"m0", "m3"}:
            return 0 if depthwise_swar.in_place(view, window(view)) else None
        return 0 if variant == "dsp" and depthwise_dsp.in_place(window(view)) else None

    def lower_dsp(self, view: View) -> tuple[Call, ...]:
        return (depthwise_dsp.lower(view, window(view)),)

    def lower_mve(self, view: View) -> tuple[Call, ...]:
        return (depthwise_mve.lower(view, window(view)),)

    def lower_m0(self, view: View) -> tuple[Call, ...]:
        return (depthwise_swar.lower(view, window(view), "m0"),)

    def lower_m3(self, view: View) -> tuple[Call, ...]:
        return (depthwise_swar.lower(view, window(view), "m3"),)

    def refuses(self, view: View, variant: str, core: Core) -> str | None:
        if variant in {"m0", "m3"}:
            return depthwise_swar.refuses(view, window(view))
        if variant == "mve":
            return depthwise_mve.refuses(view, window(view))
        return depthwise_dsp.refuses(view, window(view)) if variant == "dsp" else None


def window(view: View) -> Window:
    """The node's window."""
    return read_window(view, *view.input(1).shape[1:3])


OP = DepthwiseConv2D()
