"""CONV_2D, float32."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.kernels.call import Call
from edgewright.kernels.constant import constant_data
from edgewright.kernels.window import read_window
from edgewright.ops.base import Op
from edgewright.ops.families import shape_checks
from edgewright.ops.families.float32 import float32_ends
from edgewright.ops.families.weighted_float32 import WeightedFloat
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
        weights = constant_data(view.input(1))
        groups = view.input(0).shape[3] // weights.shape[3]
        of = read_window(view, *weights.shape[1:3])
        return (self.call(view, of, groups, weights.reshape(len(weights), -1), view.input(0).shape[0]),)


TYPED: tuple[Op, ...] = (Conv2DFloat(),)
