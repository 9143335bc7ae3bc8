"""TRANSPOSE_CONV, float32."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.kernels.call import Call, Input
from edgewright.kernels.constant import constant_data
from edgewright.ops.base import Op
from edgewright.ops.families import shape_checks
from edgewright.ops.families.float32 import OUT, float32_ends
from edgewright.ops.families.weighted_float32 import WeightedFloat
from edgewright.ops.transpose_conv import as_convolution, fields
from edgewright.tflite.graph import View


class TransposeConvFloat(WeightedFloat):
    """Strided."""

    name = "TRANSPOSE_CONV"
    versions = range(1, 6)
    inputs = range(3, 5)
    files: tuple[str, ...] = ("transpose_conv_f32_ref",)

    def check(self, view: View) -> Iterator[str]:
        yield from [*shape_checks.transposed_images(view), *float32_ends(view, 2)] or self._deeper(view)

    def _deeper(self, view: View) -> Iterator[str]:
        yield from self.check_numbers(as_convolution(view), view.input(1).shape[0])
        yield from shape_checks.transposed(view)

    def macs(self, view: View) -> int:
        return view.input(2).elements * view.input(1).elements // view.input(1).shape[3]

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        weights = constant_data(view.input(1))
        constants = self.constants(as_convolution(view), weights.reshape(len(weights), -1))
        arguments = (Input("input", 2, "float"), OUT, *constants)
        return (Call("transpose_conv_f32_ref", "ew_transpose_conv_f32_shape", fields(view), arguments),)


TYPED: tuple[Op, ...] = (TransposeConvFloat(),)
