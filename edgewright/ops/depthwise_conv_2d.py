"""DEPTHWISE_CONV_2D, int8: any multiplier, dilation, stride and padding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from edgewright.ops import _check, _conv, _dsp_depthwise, _mve_depthwise, _shapes, _swar_depthwise
from edgewright.ops._base import Argument, Call, Core, Input, Op, Output, Scalar, Scratch
from edgewright.ops._quant import zero_point
from edgewright.ops._window import Window, read_window
from edgewright.ops.conv_2d import pixel_block_distance
from edgewright.tflite.graph import View


class DepthwiseConv2D(Op):
    """input [n, h, w, c], weights [1, k_h, k_w, c * multiplier], bias [c * multiplier] or none."""

    name = "DEPTHWISE_CONV_2D"
    versions = range(1, 8)
    inputs = range(2, 4)

    def check(self, view: View) -> Iterator[str]:
        faults = [*_shapes.weighted_images(view)]
        faults += [*_check.int8(view.input(0), "input"), *_check.int8(view.output(), "output")]
        if faults:
            yield from faults
            return
        yield from _conv.check_weights(view, view.input(1).shape[3], axis=3)
        yield from _shapes.depthwise(view)

    def macs(self, view: View) -> int:
        return view.output().elements * window(view).taps

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        of = window(view)
        out_c = view.output().shape[3]
        weights = _conv.constant_data(view.input(1)).astype(np.int8).reshape(-1, out_c)
        channels = _conv.channels(view, np.ascontiguousarray(weights.T), _conv.channel_scales(view, out_c))
        shape = (
            ("batches", view.input(0).shape[0]),
            *of.fields,
            ("multiplier", out_c // of.in_c),
            ("short_requant", int(channels.short_requant)),
        )
        arguments: tuple[Argument, ...] = (
            Input("input"),
            Output("output"),
            *_conv.constants(channels, weights),
            Scalar("in_zp", zero_point(view.input(0))),
            *_conv.output_scalars(view),
            Scratch("scratch", of.taps * of.in_c),
        )
        return (Call("depthwise_conv_2d_s8_ref", "ew_depthwise_conv_2d_s8_shape", shape, arguments),)

    def overlap(self, view: View, variant: str) -> Mapping[int, int]:
        """The window of a pixel is read whole before the pixel is written.

        `dsp` goes through the image channel by channel, which allows the same address at most (`in_place`).
        """
        if variant == "mve":
            return {0: _mve_depthwise.distance(view, window(view))}
        if variant in {"m0", "m3"}:
            convolution = _swar_depthwise.is_convolution(view, window(view))
            return {0: pixel_block_distance(view, window(view), 4)} if convolution else {}
        return {} if variant == "dsp" else {0: pixel_block_distance(view, window(view), 1)}

    def in_place(self, view: View, variant: str) -> int | None:
        if variant in {"m0", "m3"}:
            return 0 if _swar_depthwise.in_place(view, window(view)) else None
        return 0 if variant == "dsp" and _dsp_depthwise.in_place(window(view)) else None

    def lower_dsp(self, view: View) -> tuple[Call, ...]:
        return (_dsp_depthwise.lower(view, window(view)),)

    def lower_mve(self, view: View) -> tuple[Call, ...]:
        return (_mve_depthwise.lower(view, window(view)),)

    def lower_m0(self, view: View) -> tuple[Call, ...]:
        return (_swar_depthwise.lower(view, window(view), "m0"),)

    def lower_m3(self, view: View) -> tuple[Call, ...]:
        return (_swar_depthwise.lower(view, window(view), "m3"),)

    def refuses(self, view: View, variant: str, core: Core) -> str | None:
        if variant in {"m0", "m3"}:
            return _swar_depthwise.refuses(view, window(view))
        if variant == "mve":
            return _mve_depthwise.refuses(view, window(view))
        return _dsp_depthwise.refuses(view, window(view)) if variant == "dsp" else None


def window(view: View) -> Window:
    """The node's window."""
    return read_window(view, *view.input(1).shape[1:3])


OP = DepthwiseConv2D()
