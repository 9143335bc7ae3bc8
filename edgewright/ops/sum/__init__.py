"""SUM, int8, over any dimensions."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.kernels.call import Call
from edgewright.kernels.quant import quantize_multiplier, scale
from edgewright.ops.families.reduce import Reduce
from edgewright.ops.mean import check_sum, sum_call
from edgewright.tflite.graph import View


class Sum(Reduce):
    """The kernel is that of MEAN, whose factor holds the division."""

    name = "SUM"

    def check(self, view: View) -> Iterator[str]:
        return check_sum(self, view)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        return (sum_call(view, *quantize_multiplier(scale(view.input(0)) / scale(view.output()))),)

    def kernel_stem(self, view: View) -> str:
        return "mean_s8"


OP = Sum()
