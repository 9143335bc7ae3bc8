"""RELU6, int8. As in TensorFlow Lite Micro the output is taken to be on the input's scale, unless LiteRT's is asked."""

from __future__ import annotations

from collections.abc import Callable

from tflite.ActivationFunctionType import ActivationFunctionType as Activation

from edgewright.kernels.quant import activation_range, clamp, quantize_value, rescaled, zero_point
from edgewright.ops.base import Op
from edgewright.ops.families.elements_float32 import ClampFloat
from edgewright.ops.families.table import TableOp
from edgewright.tflite.graph import View

RESCALES = "rescales"
"""Option that the compiler may add to a node: rescale as LiteRT does, where TensorFlow Lite Micro only clamps."""


class Relu6(TableOp):
    """min(max(x, 0), 6)."""

    name = "RELU6"
    versions = range(1, 4)

    def function(self, view: View) -> Callable[[int], int]:
        tensor = view.input(0)
        if view.option(RESCALES):
            return rescaled(tensor, view.output(), activation_range(Activation.RELU6, view.output()))
        six = clamp(quantize_value(6.0, tensor))
        return lambda x: min(max(x, zero_point(tensor)), six)


OP = Relu6()
TYPED: tuple[Op, ...] = (ClampFloat("RELU6", range(1, 4), 0.0, 6.0),)
