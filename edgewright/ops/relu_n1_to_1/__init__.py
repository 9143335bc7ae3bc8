"""RELU_N1_TO_1, int8, with a change of scale."""

from __future__ import annotations

from collections.abc import Callable

from tflite.ActivationFunctionType import ActivationFunctionType as Activation

from edgewright.kernels.quant import activation_range, rescaled
from edgewright.ops.base import Op
from edgewright.ops.families.elements_float32 import ClampFloat
from edgewright.ops.families.table import TableOp
from edgewright.tflite.graph import View


class ReluN1To1(TableOp):
    """min(max(x, -1), 1)."""

    name = "RELU_N1_TO_1"
    versions = range(1, 3)
    oracle = "LiteRT"

    def function(self, view: View) -> Callable[[int], int]:
        return rescaled(view.input(0), view.output(), activation_range(Activation.RELU_N1_TO_1, view.output()))


OP = ReluN1To1()
TYPED: tuple[Op, ...] = (ClampFloat("RELU_N1_TO_1", range(1, 3), -1.0, 1.0),)
