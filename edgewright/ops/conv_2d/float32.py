"""CONV_2D, float32."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels.call import Call
from edgewright.kernels.constant import constant_data
from edgewright.ops.base import Op
from edgewright.ops.conv_2d import grouped, groups, window
from edgewright.ops.families import shape_checks
from edgewright.ops.families.float32 import float32_ends
from edgewright.ops.families.weighted_float32 import WeightedFloat, quads_record
from edgewright.tflite.graph import View


class Conv2DFloat(WeightedFloat):
    """Dilated, strided, grouped."""

    name = "CONV_2D"
    versions = range(1, 8)
    inputs = range(2, 4)

    def check(self, view: View) -> Iterator[str]:
        yield from [*shape_checks.weighted_images(view), *float32_ends(view)] or self._deeper(view)

    def _deeper(self, view: View) -> Iterator[str]:
        yield from self.check_numbers(view, view.input(1).shape[0])
        yield from shape_checks.convolution(view)

    def macs(self, view: View) -> int:
        return view.output().elements * view.input(1).elements // view.input(1).shape[0]

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        return (self.call(view, window(view), groups(view), _rows(view), view.input(0).shape[0]),)


def _rows(view: View) -> NDArray[np.generic]:
    weights = constant_data(view.input(1))
    return weights.reshape(len(weights), -1)


_OP = Conv2DFloat()
TYPED: tuple[Op, ...] = (_OP,)
KERNELS = (
    quads_record("CONV_2D", grouped, lambda view: _OP.quads(view, window(view), _rows(view), view.input(0).shape[0])),
)
