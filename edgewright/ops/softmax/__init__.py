"""SOFTMAX, int8, to int8 or int16, over the last dimension."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels.call import Argument, Call, Const, Input, Output
from edgewright.kernels.fixed_point import exp_on_negative_values
from edgewright.kernels.quant import doubling_high_mul, quantization, quantize_multiplier, scale
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.tflite.graph import View

_INTEGER_BITS = 5
_MAX_DEPTH = 4095

_ENDS = {"int8": (-(1 << 7), 8), "int16": (-(1 << 15), 16)}
"""By type of the output its least value, and the bits of a share."""


class Softmax(Op):
    """The output's scale is 1/256, its zero point -128; of int16 1/65536 and -32768."""

    name = "SOFTMAX"
    versions = range(1, 4)
    files = ("softmax_s8_ref", "softmax_s8_s16_ref")

    def check(self, view: View) -> Iterator[str]:
        tensor, output = view.input(0), view.output()
        faults = [*checks.not_empty(view), *checks.int8(tensor, "input"), *checks.dtype(output, "output", *_ENDS)]
        faults += checks.one_scale(output, "output")
        faults += checks.shape(output, "the output", tensor.shape)
        if faults:
            yield from faults
            return
        if not tensor.shape or tensor.shape[-1] > _MAX_DEPTH:
            yield f"the last dimension of {list(tensor.shape)} is not 1..{_MAX_DEPTH}"
        given, (low, bits) = quantization(output), _ENDS[output.dtype]
        if (given.scale, given.zero_point) != (2.0**-bits, low):
            yield f"the output's scale and zero point are not 1/{1 << bits} and {low}"
        beta = view.option("beta", 1.0)
        if not (math.isfinite(beta) and input_real(view) > 1.0):
            yield f"beta {beta} and the input's scale {scale(tensor):g} are too small"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        table = exp_table(input_real(view))
        arguments: tuple[Argument, ...] = (
            Input("input"),
            Output("output", ctype=f"{view.output().dtype}_t"),
            Const("table", table, "exp(-d * scale * beta), Q0.31", "int32_t"),
        )
        kernel = "softmax_s8_s16_ref" if view.output().dtype == "int16" else "softmax_s8_ref"
        return (Call(kernel, "ew_softmax_s8_shape", shape(view, table), arguments, work=work(view)),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        """A row is read whole for its sum; then each element is read once more, just before it is written."""
        return {0: 0} if view.output().dtype == "int8" else {}


def shape(view: View, table: NDArray[np.int32]) -> tuple[tuple[str, int], ...]:
    """Fields of `ew_softmax_s8_shape`."""
    depth = view.input(0).shape[-1]
    return (("rows", view.input(0).elements // depth), ("depth", depth), ("size", table.size))


def work(view: View) -> dict[str, float]:
    """What a kernel does whose table is there."""
    elements = view.input(0).elements
    return {"element": elements, "row": elements // view.input(0).shape[-1]}


def exp_table(real: float) -> NDArray[np.int32]:
    """exp(-difference * scale * beta) in Q0.31 for differences 0, 1, ... up to the last that is not 0.

    Args:
        real: `input_real`.
    """
    multiplier, shift = quantize_multiplier(real)
    radius = math.floor(((1 << _INTEGER_BITS) - 1) * (1 << (31 - _INTEGER_BITS)) / (1 << shift))
    values = [
        exp_on_negative_values(doubling_high_mul(-difference << shift, multiplier), _INTEGER_BITS)
        for difference in range(min(radius, 255) + 1)
    ]
    return np.trim_zeros(np.array(values, np.int32), "b")


def input_real(view: View) -> float:
    """What makes a difference to the row's maximum Q5.26."""
    return min(float(view.option("beta", 1.0)) * scale(view.input(0)) * (1 << (31 - _INTEGER_BITS)), (1 << 31) - 1.0)


OP = Softmax()
