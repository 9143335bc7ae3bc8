"""NEG, int8, with a change of scale. No TensorFlow Lite runs it on int8: it is computed as ABS is."""

from __future__ import annotations

from collections.abc import Callable

from edgewright.kernels.quant import quantize_multiplier, requantize, scale, to_int8, zero_point
from edgewright.ops.base import Op
from edgewright.ops.families.elements_float32 import UnaryFloat
from edgewright.ops.families.table import TableOp
from edgewright.ops.families.whole import UnaryWhole
from edgewright.tflite.graph import View


class Neg(TableOp):
    """-x."""

    name = "NEG"
    versions = range(1, 3)
    oracle = "its definition"

    def function(self, view: View) -> Callable[[int], int]:
        tensor, output = view.input(0), view.output()
        factor = quantize_multiplier(scale(tensor) / scale(output))
        if scale(tensor) == scale(output):
            return lambda x: to_int8(zero_point(tensor) - x, zero_point(output))
        return lambda x: to_int8(requantize(zero_point(tensor) - x, *factor), zero_point(output))


OP = Neg()
TYPED: tuple[Op, ...] = (UnaryFloat("NEG", range(1, 3)), UnaryWhole("NEG", range(1, 2), "int32", "int64"))
