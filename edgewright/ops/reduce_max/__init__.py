"""REDUCE_MAX, int8, over any dimensions, on the scale of the input."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.kernels.call import Call, Input, Output
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.reduce import Reduce, group_fields
from edgewright.ops.families.rows_float32 import ReduceFloat
from edgewright.tflite.graph import View


class ReduceMax(Reduce):
    """The greatest of the reduced elements."""

    name = "REDUCE_MAX"

    def check(self, view: View) -> Iterator[str]:
        yield from super().check(view)
        yield from checks.same_quantization(view.input(0), view.output(), "input and output")

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        arguments = (Input("input"), Output("output"))
        return (Call(self.files[0], "ew_reduce_s8_shape", group_fields(view), arguments),)


OP = ReduceMax()
TYPED: tuple[Op, ...] = (ReduceFloat("REDUCE_MAX"),)
