"""QUANTIZE: float32 or int8 to int8."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from edgewright.ops import _check
from edgewright.ops._base import Argument, Call, Input, Output, Scalar
from edgewright.ops._quant import quantize_multiplier, requantize, scale, to_int8, zero_point
from edgewright.ops._table import TableOp
from edgewright.tflite.graph import View


class Quantize(TableOp):
    """From float32 by division in float32, halves away from zero; from int8 by a table."""

    name = "QUANTIZE"
    versions = range(1, 4)

    def check(self, view: View) -> Iterator[str]:
        tensor = view.input(0)
        yield from _check.not_empty(view)
        yield from _check.dtype(tensor, "input", "float32", "int8")
        yield from _check.int8(tensor, "input") if tensor.dtype == "int8" else ()
        yield from _check.int8(view.output(), "output")
        yield from _check.shape(view.output(), "the output", tensor.shape)

    def function(self, view: View) -> Callable[[int], int]:
        tensor, output = view.input(0), view.output()
        factor = quantize_multiplier(scale(tensor) / scale(output))
        return lambda x: to_int8(requantize(x - zero_point(tensor), *factor), zero_point(output))

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        if view.input(0).dtype == "int8":
            return super().lower_ref(view)
        arguments: tuple[Argument, ...] = (
            Input("input", ctype="float"),
            Output("output"),
            Scalar("scale", scale(view.output()), "float"),
            Scalar("zero_point", zero_point(view.output())),
        )
        shape = (("count", view.output().elements),)
        return (Call("quantize_f32_s8_ref", "ew_quantize_f32_s8_shape", shape, arguments),)

    def overlap(self, view: View, variant: str) -> Mapping[int, int]:
        return {0: 0}

    def kernel_stem(self, view: View) -> str:
        return "quantize_f32_s8" if view.input(0).dtype == "float32" else super().kernel_stem(view)


OP = Quantize()
