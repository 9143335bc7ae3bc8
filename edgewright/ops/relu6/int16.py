"""RELU6, int16."""

from __future__ import annotations

from tflite.ActivationFunctionType import ActivationFunctionType as Activation

from edgewright.kernels.quant import activation_range
from edgewright.ops.base import Op
from edgewright.ops.families import rescale_fast
from edgewright.ops.families.elements_int16 import RescaleInt16
from edgewright.ops.families.int16 import HIGH, LOW
from edgewright.ops.relu6 import RESCALES
from edgewright.tflite.graph import View


class Relu6Int16(RescaleInt16):
    """min(max(x, 0), 6), on the scale of the input, unless LiteRT's answer is asked."""

    name = "RELU6"

    def rescales(self, view: View) -> bool:
        return bool(view.option(RESCALES))

    def bounds(self, view: View) -> tuple[int, int]:
        tensor = view.output() if self.rescales(view) else view.input(0)
        return activation_range(Activation.RELU6, tensor, (LOW, HIGH))


OP_INT16 = Relu6Int16()
TYPED: tuple[Op, ...] = (OP_INT16,)
KERNELS = rescale_fast.records(OP_INT16)
