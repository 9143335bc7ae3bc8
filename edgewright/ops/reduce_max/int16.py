"""REDUCE_MAX, int16."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.kernels.call import Call
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.int16 import IN, OUT
from edgewright.ops.families.reduce import group_fields
from edgewright.ops.families.rows_int16 import ReduceInt16
from edgewright.tflite.graph import View


class ReduceMaxInt16(ReduceInt16):
    """The greatest of the reduced elements, on the scale of the input. No TensorFlow Lite Micro runs it."""

    name = "REDUCE_MAX"
    oracle = "LiteRT"

    def check_scales(self, view: View) -> Iterator[str]:
        return checks.same_quantization(view.input(0), view.output(), "input and output")

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        return (Call("reduce_max_s16_ref", "ew_reduce_s8_shape", group_fields(view), (IN, OUT)),)


TYPED: tuple[Op, ...] = (ReduceMaxInt16(),)
