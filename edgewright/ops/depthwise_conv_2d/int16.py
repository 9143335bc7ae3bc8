"""DEPTHWISE_CONV_2D, int16."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels.call import Call
from edgewright.kernels.constant import constant_data
from edgewright.ops.base import Op
from edgewright.ops.depthwise_conv_2d import window
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
        batches, _, _, in_c = view.input(0).shape
        return (self.call(view, window(view), in_c, self.rows(view), batches),)

    def rows(self, view: View) -> NDArray[np.int8]:
        """Weights (output channels, window)."""
        weights = constant_data(view.input(1)).astype(np.int8)
        return np.ascontiguousarray(weights.reshape(-1, weights.shape[3]).T)


OP_INT16 = DepthwiseConv2DInt16()
TYPED: tuple[Op, ...] = (OP_INT16,)
