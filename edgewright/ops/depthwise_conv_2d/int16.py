"""DEPTHWISE_CONV_2D, int16."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from edgewright.kernels.call import Call
from edgewright.kernels.constant import constant_data
from edgewright.kernels.window import read_window
from edgewright.ops.base import Op
from edgewright.ops.families import shape_checks
from edgewright.ops.families.int16 import int16_end
from edgewright.ops.families.weighted_int16 import WeightedInt16
from edgewright.tflite.graph import View


class DepthwiseConv2DInt16(WeightedInt16):
    """Any multiplier."""

    name = "DEPTHWISE_CONV_2D"
    versions = range(1, 8)
    inputs = range(2, 4)
    axis = 3

    def check(self, view: View) -> Iterator[str]:
        yield from [*shape_checks.weighted_images(view), *int16_end(view)] or self._deeper(view)

    def _deeper(self, view: View) -> Iterator[str]:
        yield from self.check_numbers(view)
        yield from shape_checks.depthwise(view)

    def macs(self, view: View) -> int:
        return view.output().elements * view.input(1).shape[1] * view.input(1).shape[2]

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        weights = constant_data(view.input(1)).astype(np.int8)
        rows = weights.reshape(-1, weights.shape[3]).T
        batches, _, _, in_c = view.input(0).shape
        return (self.call(view, read_window(view, *weights.shape[1:3]), in_c, rows, batches),)


TYPED: tuple[Op, ...] = (DepthwiseConv2DInt16(),)
