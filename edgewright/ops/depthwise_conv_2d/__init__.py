"""DEPTHWISE_CONV_2D, int8: any multiplier, dilation, stride and padding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from edgewright.kernels import weighted
from edgewright.kernels.call import Argument, Call, Input, Output, Scalar, Scratch
from edgewright.kernels.constant import constant_data
from edgewright.kernels.quant import zero_point
from edgewright.kernels.window import Window, read_window
from edgewright.ops.base import Op
from edgewright.ops.conv_2d import pixel_block_distance
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

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        """The window of a pixel is read whole before the pixel is written."""
        return {0: pixel_block_distance(view, window(view), 1)}

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
        work = {"mac": self.macs(view), "output": view.output().elements}
        return (Call("depthwise_conv_2d_s8_ref", "ew_depthwise_conv_2d_s8_shape", shape, arguments, work=work),)


def window(view: View) -> Window:
    """The node's window."""
    return read_window(view, *view.input(1).shape[1:3])


OP = DepthwiseConv2D()
