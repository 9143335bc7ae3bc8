"""CONV_2D, int16."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.kernels.call import Call
from edgewright.ops.base import Op
from edgewright.ops.conv_2d import groups, rows, window
from edgewright.ops.families import shape_checks
from edgewright.ops.families.int16 import int16_end
from edgewright.ops.families.weighted_int16 import WeightedInt16
from edgewright.tflite.graph import View


class Conv2DInt16(WeightedInt16):
    """Dilated, strided, grouped."""

    name = "CONV_2D"
    versions = range(1, 8)
    inputs = range(2, 4)
    bias_types = ("int32", "int64")

    def check(self, view: View) -> Iterator[str]:
        yield from [*shape_checks.weighted_images(view), *int16_end(view)] or self._deeper(view)

    def _deeper(self, view: View) -> Iterator[str]:
        yield from self.check_numbers(view)
        yield from shape_checks.convolution(view)

    def macs(self, view: View) -> int:
        return view.output().elements * view.input(1).elements // view.input(1).shape[0]

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        return (self.call(view, window(view), groups(view), rows(view), view.input(0).shape[0]),)


OP_INT16 = Conv2DInt16()
TYPED: tuple[Op, ...] = (OP_INT16,)
