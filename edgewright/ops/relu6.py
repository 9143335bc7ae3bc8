"""RELU6, int8. As in TensorFlow Lite Micro the output is taken to be on the input's scale."""

from __future__ import annotations

from collections.abc import Callable

from edgewright.ops._quant import clamp, quantize_value, zero_point
from edgewright.ops._table import TableOp
from edgewright.tflite.graph import View


class Relu6(TableOp):
    """min(max(x, 0), 6)."""

    name = "RELU6"
    versions = range(1, 4)

    def function(self, view: View) -> Callable[[int], int]:
        tensor = view.input(0)
        six = clamp(quantize_value(6.0, tensor))
        return lambda x: min(max(x, zero_point(tensor)), six)


OP = Relu6()
