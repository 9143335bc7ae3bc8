"""DEQUANTIZE: int8, uint8 or int16 to float32."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edgewright.kernels.call import Argument, Call, Input, Output, Scalar
from edgewright.kernels.quant import scale, zero_point
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.element import NUMBERS, widening_distance
from edgewright.tflite.graph import View


class Dequantize(Op):
    """scale * (q - zero_point)."""

    name = "DEQUANTIZE"
    dtypes = ("int8", "uint8", "int16")
    versions = range(1, 6)
    files = ("dequantize_ref",)

    def check(self, view: View) -> Iterator[str]:
        yield from checks.not_empty(view)
        yield from checks.dtype(view.input(0), "input", "int8", "uint8", "int16")
        yield from checks.one_scale(view.input(0), "input")
        yield from checks.dtype(view.output(), "output", "float32")
        yield from checks.shape(view.output(), "the output", view.input(0).shape)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        arguments: tuple[Argument, ...] = (
            Input("input", ctype="void"),
            Output("output", ctype="float"),
            Scalar("scale", scale(view.input(0)), "float"),
            Scalar("zero_point", zero_point(view.input(0))),
        )
        shape = (("count", view.output().elements), ("from", NUMBERS[view.input(0).dtype]))
        return (Call("dequantize_ref", "ew_dequantize_shape", shape, arguments),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        """Element i is read just before the four bytes at 4 * i are written."""
        return {0: widening_distance(view.input(0), view.output())}


OP = Dequantize()
