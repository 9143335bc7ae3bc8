"""QUANTIZE: from float32, int8, uint8, int16 or int32.

float32 to int8 and int16; int8 to int8, uint8, int16 and int32; uint8 to int8; int16 to int8, int16 and int32; int32
to int8 and int16.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from edgewright.kernels.call import Argument, Call, Input, Output, Scalar
from edgewright.kernels.quant import MAX_FACTOR, quantize_multiplier, requantize, scale, to_int8, zero_point
from edgewright.ops.families import checks
from edgewright.ops.families.element import NUMBERS, limits, widening_distance
from edgewright.ops.families.table import TableOp
from edgewright.tflite.graph import View

_OUTPUTS = {
    "float32": ("int8", "int16"),
    "int8": ("int8", "uint8", "int16", "int32"),
    "uint8": ("int8",),
    "int16": ("int8", "int16", "int32"),
    "int32": ("int8", "int16"),
}


class Quantize(TableOp):
    """From float32 by division in float32, halves away from zero; from int8 to int8 by a table."""

    name = "QUANTIZE"
    dtypes = tuple(_OUTPUTS)
    versions = range(1, 4)
    files = ("lookup_s8_ref", "quantize_f32_ref", "requantize_ref")

    def check(self, view: View) -> Iterator[str]:
        tensor, output = view.input(0), view.output()
        faults = [*checks.not_empty(view), *checks.dtype(tensor, "input", *_OUTPUTS)]
        faults += checks.dtype(output, "output", *_OUTPUTS.get(tensor.dtype, ("int8",)))
        faults += checks.one_scale(output, "output")
        faults += checks.one_scale(tensor, "input") if tensor.dtype != "float32" else ()
        faults += checks.shape(output, "the output", tensor.shape)
        yield from faults
        if not faults and tensor.dtype != "float32" and scale(tensor) / scale(output) >= MAX_FACTOR:
            yield "the output's scale is too small for the input's"

    def function(self, view: View) -> Callable[[int], int]:
        tensor, output = view.input(0), view.output()
        factor = quantize_multiplier(scale(tensor) / scale(output))
        return lambda x: to_int8(requantize(x - zero_point(tensor), *factor), zero_point(output))

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        source, target = view.input(0).dtype, view.output().dtype
        if source == target == "int8":
            return super().lower_ref(view)
        return (_from_float32(view) if source == "float32" else _between_integers(view),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        return {0: widening_distance(view.input(0), view.output())}


def _from_float32(view: View) -> Call:
    output = view.output()
    arguments: tuple[Argument, ...] = (
        Input("input", ctype="float"),
        Output("output", ctype="void"),
        Scalar("scale", scale(output), "float"),
        Scalar("zero_point", zero_point(output)),
    )
    low, high = limits(output.dtype)
    shape = (("count", output.elements), ("to", NUMBERS[output.dtype]), ("low", low), ("high", high))
    return Call("quantize_f32_ref", "ew_quantize_f32_shape", shape, arguments)


def _between_integers(view: View) -> Call:
    tensor, output = view.input(0), view.output()
    multiplier, exponent = quantize_multiplier(scale(tensor) / scale(output))
    arguments: tuple[Argument, ...] = (
        Input("input", ctype="void"),
        Output("output", ctype="void"),
        Scalar("in_zp", zero_point(tensor)),
        Scalar("multiplier", multiplier),
        Scalar("shift", -exponent),
        Scalar("out_zp", zero_point(output)),
    )
    low, high = limits(output.dtype)
    types = (("from", NUMBERS[tensor.dtype]), ("to", NUMBERS[output.dtype]))
    shape = (("count", output.elements), *types, ("low", low), ("high", high))
    return Call("requantize_ref", "ew_requantize_shape", shape, arguments)


OP = Quantize()
