"""RELU, int16."""

from __future__ import annotations

from edgewright.kernels.quant import DIVIDES_IN_FLOAT32
from edgewright.ops.base import Op
from edgewright.ops.families import rescale_fast
from edgewright.ops.families.elements_int16 import RescaleInt16, quotient_of_scales
from edgewright.ops.families.int16 import HIGH
from edgewright.tflite.graph import View


class ReluInt16(RescaleInt16):
    """max(x, 0), with a change of scale."""

    name = "RELU"

    def factors(self, view: View) -> tuple[float, float]:
        if view.option(DIVIDES_IN_FLOAT32):
            return super().factors(view)
        return quotient_of_scales(view), quotient_of_scales(view)

    def bounds(self, view: View) -> tuple[int, int]:
        return 0, HIGH


OP_INT16 = ReluInt16()
TYPED: tuple[Op, ...] = (OP_INT16,)
KERNELS = rescale_fast.records(OP_INT16)
