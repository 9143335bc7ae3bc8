"""RELU, int8, with a change of scale."""

from __future__ import annotations

from collections.abc import Callable

from edgewright.ops._quant import INT8_MIN, quantize_multiplier, requantize, scale, to_int8, zero_point
from edgewright.ops._table import TableOp
from edgewright.tflite.graph import View


class Relu(TableOp):
    """max(x, 0)."""

    name = "RELU"
    versions = range(1, 4)

    def function(self, view: View) -> Callable[[int], int]:
        tensor, output = view.input(0), view.output()
        factor = quantize_multiplier(scale(tensor) / scale(output))
        zero = zero_point(output)
        return lambda x: to_int8(requantize(x - zero_point(tensor), *factor), zero, max(INT8_MIN, zero))


OP = Relu()
