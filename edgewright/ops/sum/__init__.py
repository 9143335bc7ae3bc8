"""SUM, int8, over any dimensions."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.kernels.call import Call
from edgewright.kernels.quant import quantize_multiplier, scale
from edgewright.ops.base import Op
from edgewright.ops.families.reduce import Reduce
from edgewright.ops.families.rows_float32 import ReduceFloat
from edgewright.ops.mean import check_sum, sum_call
from edgewright.tflite.graph import View


class Sum(Reduce):
    """The kernel is that of MEAN, whose factor holds the division."""

    name = "SUM"
    files = ("mean_s8_ref",)

    def check(self, view: View) -> Iterator[str]:
        return check_sum(self, view)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        return (sum_call(view, *quantize_multiplier(scale(view.input(0)) / scale(view.output()))),)


OP = Sum()
TYPED: tuple[Op, ...] = (ReduceFloat("SUM"),)
