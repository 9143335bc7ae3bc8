"""LOG_SOFTMAX, int8, over the last dimension: the output's scale is 1/16, its zero point 127."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np

from edgewright.kernels.call import Argument, Call, Const, Input, Output, Scalar
from edgewright.kernels.fixed_point import exp_on_negative_values
from edgewright.kernels.quant import quantization, quantize_multiplier, requantize, scale
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.rows_float32 import RowsFloat
from edgewright.tflite.graph import View

_INTEGER_BITS = 5
_MAX_DEPTH = 4095


class LogSoftmax(Op):
    """Differences to the row's maximum, less the logarithm of the sum of their exps, in fixed point."""

    name = "LOG_SOFTMAX"
    versions = range(1, 3)

    def check(self, view: View) -> Iterator[str]:
        tensor, output = view.input(0), view.output()
        faults = [*checks.not_empty(view), *checks.int8(tensor, "input"), *checks.int8(output, "output")]
        faults += checks.shape(output, "the output", tensor.shape)
        if faults:
            yield from faults
            return
        if not tensor.shape or tensor.shape[-1] > _MAX_DEPTH:
            yield f"the last dimension of {list(tensor.shape)} is not 1..{_MAX_DEPTH}"
        if (quantization(output).scale, quantization(output).zero_point) != (1 / 16, 127):
            yield "the output's scale and zero point are not 1/16 and 127"
        if _real(view) <= 1.0:
            yield f"the input's scale {scale(tensor):g} is too small"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        depth, (multiplier, shift) = view.input(0).shape[-1], quantize_multiplier(_real(view))
        radius = math.floor(((1 << _INTEGER_BITS) - 1) * (1 << (31 - _INTEGER_BITS)) / (1 << shift))
        differences = [requantize(-i, multiplier, shift) for i in range(min(radius, 255) + 1)]
        exps = [exp_on_negative_values(each, _INTEGER_BITS) for each in differences]
        back, back_shift = quantize_multiplier(1.0 / _real(view))
        arguments: tuple[Argument, ...] = (
            *(Input("input"), Output("output")),
            Const("table", np.array(exps, np.int32), "exp(-d * scale), Q0.31", "int32_t"),
            Const("differences", np.array(differences, np.int32), "-d * scale, Q5.26", "int32_t"),
            *(Scalar("multiplier", back), Scalar("shift", -back_shift)),
        )
        shape = (("rows", view.input(0).elements // depth), ("depth", depth), ("size", len(exps)))
        return (Call("log_softmax_s8_ref", "ew_softmax_s8_shape", shape, arguments),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        """As of SOFTMAX."""
        return {0: 0}


def _real(view: View) -> float:
    """From a difference to Q5.26."""
    return min(scale(view.input(0)) * (1 << (31 - _INTEGER_BITS)), (1 << 31) - 1.0)


OP = LogSoftmax()
TYPED: tuple[Op, ...] = (RowsFloat("LOG_SOFTMAX", range(1, 3)),)
