"""MEAN, int16."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.kernels.call import Call, Scalar
from edgewright.kernels.quant import MAX_FACTOR, scale
from edgewright.ops.base import Op
from edgewright.ops.families.int16 import IN, OUT
from edgewright.ops.families.reduce import group_fields
from edgewright.ops.families.rows_int16 import ReduceInt16
from edgewright.ops.mean import mean_multiplier
from edgewright.tflite.graph import View

_MAX_COUNT = (1 << 16) - 1
"""Elements whose sum fits in 32 bits."""


class MeanInt16(ReduceInt16):
    """The sum times a factor that holds the division."""

    name = "MEAN"
    files = ("mean_s16_ref",)

    def check_scales(self, view: View) -> Iterator[str]:
        count = view.input(0).elements // view.output().elements
        if count > _MAX_COUNT:
            yield f"{count} elements become one, at most {_MAX_COUNT} are supported"
        if scale(view.input(0)) / scale(view.output()) >= MAX_FACTOR:
            yield "the output's scale is too small for the input's"

    def factor(self, view: View) -> tuple[int, int]:
        """Of the sum: multiplier and exponent."""
        count = view.input(0).elements // view.output().elements
        return mean_multiplier(scale(view.input(0)) / scale(view.output()), count)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        multiplier, exponent = self.factor(view)
        arguments = (IN, OUT, Scalar("multiplier", multiplier), Scalar("shift", -exponent))
        return (Call("mean_s16_ref", "ew_reduce_s8_shape", group_fields(view), arguments),)


TYPED: tuple[Op, ...] = (MeanInt16(),)
