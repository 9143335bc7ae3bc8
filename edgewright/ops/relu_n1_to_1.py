"""RELU_N1_TO_1, int8, with a change of scale."""

from __future__ import annotations

from collections.abc import Callable

from tflite.ActivationFunctionType import ActivationFunctionType as Activation

from edgewright.ops._quant import activation_range, quantize_multiplier, requantize, scale, to_int8, zero_point
from edgewright.ops._table import TableOp
from edgewright.tflite.graph import View


class ReluN1To1(TableOp):
    """min(max(x, -1), 1)."""

    name = "RELU_N1_TO_1"
    versions = range(1, 3)
    oracle = "LiteRT"

    def function(self, view: View) -> Callable[[int], int]:
        tensor, output = view.input(0), view.output()
        factor = quantize_multiplier(scale(tensor) / scale(output))
        bounds = activation_range(Activation.RELU_N1_TO_1, output)
        return lambda x: to_int8(requantize(x - zero_point(tensor), *factor), zero_point(output), *bounds)


OP = ReluN1To1()
