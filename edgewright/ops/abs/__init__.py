"""ABS, int8, with a change of scale."""

from __future__ import annotations

from collections.abc import Callable

from edgewright.kernels.quant import quantize_multiplier, requantize, scale, to_int8, zero_point
from edgewright.ops.base import Op
from edgewright.ops.families.elements_float32 import UnaryFloat
from edgewright.ops.families.table import TableOp
from edgewright.ops.families.whole import UnaryWhole
from edgewright.tflite.graph import View


class Abs(TableOp):
    """|x|."""

    name = "ABS"
    versions = range(1, 6)

    def function(self, view: View) -> Callable[[int], int]:
        tensor, output = view.input(0), view.output()
        if scale(tensor) == scale(output):
            return lambda x: to_int8(abs(x - zero_point(tensor)), zero_point(output))
        factor = quantize_multiplier(scale(tensor) / scale(output))
        return lambda x: to_int8(requantize(abs(x - zero_point(tensor)), *factor), zero_point(output))


OP = Abs()
TYPED: tuple[Op, ...] = (UnaryFloat("ABS", range(1, 6)), UnaryWhole("ABS", range(1, 6), "int32"))
