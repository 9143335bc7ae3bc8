"""SOFTMAX, int8, to int8 or int16, over the last dimension."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels.call import Argument, Call, Const, Input, Output, Scalar, Scratch
from edgewright.kernels.fixed_point import exp_on_negative_values
from edgewright.kernels.quant import doubling_high_mul, quantization, quantize_multiplier, scale
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.tflite.graph import View

_INTEGER_BITS = 5
_MAX_DEPTH = 4095
_STEP_ZERO = 128
_STEPS_CODE = 128
"""Bytes of code that make a table of steps, about."""

_ENDS = {"int8": (-(1 << 7), 8), "int16": (-(1 << 15), 16)}
"""By type of the output its least value, and the bits of a share."""


class Softmax(Op):
    """The output's scale is 1/256, its zero point -128; of int16 1/65536 and -32768."""

    name = "SOFTMAX"
    versions = range(1, 4)
    files = ("softmax_s8_ref", "softmax_s8_s16_ref", "softmax_s8_steps")

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
        if not (math.isfinite(beta) and _input_real(view) > 1.0):
            yield f"beta {beta} and the input's scale {scale(tensor):g} are too small"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        depth = view.input(0).shape[-1]
        table = exp_table(_input_real(view))
        shape = (("rows", view.input(0).elements // depth), ("depth", depth), ("size", table.size))
        arguments: tuple[Argument, ...] = (
            Input("input"),
            Output("output", ctype=f"{view.output().dtype}_t"),
            Const("table", table, "exp(-d * scale * beta), Q0.31", "int32_t"),
        )
        if view.output().dtype == "int16":
            return (Call("softmax_s8_s16_ref", "ew_softmax_s8_shape", shape, arguments),)
        return _by_steps(table, shape) or (Call("softmax_s8_ref", "ew_softmax_s8_shape", shape, arguments),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        """A row is read whole for its sum; then each element is read once more, just before it is written."""
        return {0: 0} if view.output().dtype == "int8" else {}


def _by_steps(table: NDArray[np.int32], of: tuple[tuple[str, int], ...]) -> tuple[Call, ...] | None:
    """The call of `ew_softmax_s8_steps`, None where it saves less than its code takes."""
    ratio, heads, steps = steps_of(table)
    if table.nbytes - 4 * heads - steps.nbytes < _STEPS_CODE:
        return None
    shape = (*((f"of.{name}", value) for name, value in of), ("heads", heads))
    arguments = (
        Input("input"),
        Output("output"),
        Const("heads", table[:heads], "exp(-d * scale * beta), Q0.31, for the smallest d", "int32_t"),
        Const("steps", steps, "what the others are more than the one before times the ratio, and 128", "uint8_t"),
        Scalar("ratio", ratio),
        Scratch("scratch", table.nbytes),
    )
    return (Call("softmax_s8_steps", "ew_softmax_s8_steps_shape", shape, arguments),)


def steps_of(table: NDArray[np.int32]) -> tuple[int, int, NDArray[np.uint8]]:
    """(ratio in Q0.31, entries that stand as they are, steps of the others): see softmax_s8_steps.h."""
    ratio = int(table[1]) if table.size > 1 else 0
    made = [doubling_high_mul(int(before), ratio) for before in table[:-1]]
    steps = table[1:].astype(np.int64) - np.array(made, np.int64)
    far = np.flatnonzero(np.abs(steps) >= _STEP_ZERO)
    heads = 1 + (int(far[-1]) + 1 if far.size else 0)
    return ratio, heads, (steps[heads - 1 :] + _STEP_ZERO).astype(np.uint8)


def exp_table(real: float) -> NDArray[np.int32]:
    """exp(-difference * scale * beta) in Q0.31 for differences 0, 1, ... up to the last that is not 0.

    Args:
        real: factor from a difference to Q5.26.
    """
    multiplier, shift = quantize_multiplier(real)
    radius = math.floor(((1 << _INTEGER_BITS) - 1) * (1 << (31 - _INTEGER_BITS)) / (1 << shift))
    values = [
        exp_on_negative_values(doubling_high_mul(-difference << shift, multiplier), _INTEGER_BITS)
        for difference in range(min(radius, 255) + 1)
    ]
    return np.trim_zeros(np.array(values, np.int32), "b")


def _input_real(view: View) -> float:
    return min(float(view.option("beta", 1.0)) * scale(view.input(0)) * (1 << (31 - _INTEGER_BITS)), (1 << 31) - 1.0)


OP = Softmax()
