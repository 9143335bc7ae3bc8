"""DEPTHWISE_CONV_2D, float32 with int8 weights."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from edgewright.kernels.call import Call
from edgewright.kernels.constant import constant_data
from edgewright.kernels.window import read_window
from edgewright.ops.base import Op
from edgewright.ops.depthwise_conv_2d.float32 import DepthwiseConv2DFloat
from edgewright.ops.families import shape_checks
from edgewright.ops.families.hybrid import Hybrid, call, check_hybrid
from edgewright.tflite.graph import View


class DepthwiseConv2DHybrid(Hybrid, DepthwiseConv2DFloat):
    """Any multiplier; scales per channel."""

    def check(self, view: View) -> Iterator[str]:
        yield from list(shape_checks.weighted_images(view)) or self._deeper(view)

    def _deeper(self, view: View) -> Iterator[str]:
        channels = view.input(1).shape[3]
        yield from check_hybrid(view, channels, 3)
        yield from shape_checks.depthwise(view)
        given = view.input(1).quantization
        if given is not None and given.scales.size != channels:
            yield "weights of a hybrid depthwise convolution have a scale for each channel"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        weights = constant_data(view.input(1)).astype(np.int8)
        of, rows = read_window(view, *weights.shape[1:3]), weights.reshape(-1, weights.shape[3]).T
        batches, channels = view.input(0).shape[0], view.input(0).shape[3]
        return call(view, of, batches, channels, rows, asymmetric=True, by_channels=False)


TYPED: tuple[Op, ...] = (DepthwiseConv2DHybrid(),)
