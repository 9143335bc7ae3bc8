"""DEQUANTIZE: int8, uint8 or int16 to float32."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edgewright.ops import _check
from edgewright.ops._base import Argument, Call, Input, Op, Output, Scalar
from edgewright.ops._element import NUMBERS, widening_distance
from edgewright.ops._quant import scale, zero_point
from edgewright.tflite.graph import View


class Dequantize(Op):
    """scale * (q - zero_point)."""

    name = "DEQUANTIZE"
    dtypes = ("int8", "uint8", "int16")
    versions = range(1, 6)

    def check(self, view: View) -> Iterator[str]:
        yield from _check.not_empty(view)
        yield from _check.dtype(view.input(0), "input", "int8", "uint8", "int16")
        yield from _check.one_scale(view.input(0), "input")
        yield from _check.dtype(view.output(), "output", "float32")
        yield from _check.shape(view.output(), "the output", view.input(0).shape)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        arguments: tuple[Argument, ...] = (
            Input("input", ctype="void"),
            Output("output", ctype="float"),
            Scalar("scale", scale(view.input(0)), "float"),
            Scalar("zero_point", zero_point(view.input(0))),
        )
        shape = (("count", view.output().elements), ("from", NUMBERS[view.input(0).dtype]))
        return (Call("dequantize_ref", "ew_dequantize_shape", shape, arguments),)

    def overlap(self, view: View, variant: str) -> Mapping[int, int]:
        """Element i is read just before the four bytes at 4 * i are written."""
        return {0: widening_distance(view.input(0), view.output())}

    def kernel_stem(self, view: View) -> str:
        return "dequantize"


OP = Dequantize()
