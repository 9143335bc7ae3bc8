"""SUM, int16."""

from __future__ import annotations

from edgewright.kernels.quant import quantize_multiplier, scale
from edgewright.ops.base import Op
from edgewright.ops.mean.int16 import MeanInt16
from edgewright.tflite.graph import View


class SumInt16(MeanInt16):
    """Over any dimensions, with a change of scale."""

    name = "SUM"

    def factor(self, view: View) -> tuple[int, int]:
        return quantize_multiplier(scale(view.input(0)) / scale(view.output()))


TYPED: tuple[Op, ...] = (SumInt16(),)
