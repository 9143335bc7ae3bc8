"""SOFTMAX, int16."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from edgewright.kernels.call import Argument, Call, Const, Scalar
from edgewright.kernels.quant import quantize_multiplier, scale
from edgewright.kernels.wide import log2_of
from edgewright.ops.base import Op
from edgewright.ops.families.elements_int16 import MAX_TAPS, UnaryInt16, interpolated
from edgewright.ops.families.int16 import IN, OUT
from edgewright.tflite.graph import View


class SoftmaxInt16(UnaryInt16):
    """Over the last dimension; the output's scale is 2^-15."""

    name = "SOFTMAX"
    files = ("softmax_s16_ref",)

    def check_scales(self, view: View) -> Iterator[str]:
        if log2_of(scale(view.output())) != -15:
            yield "the output's scale is not 2^-15"
        if not view.input(0).shape or view.input(0).shape[-1] > MAX_TAPS:
            yield f"the last dimension of {list(view.input(0).shape)} is not 1..{MAX_TAPS}"
        beta = view.option("beta", 1.0)
        if not (math.isfinite(beta) and 0 <= self._real(view) < 1 << 14):
            yield f"beta {beta} does not fit the input's scale"

    def _real(self, view: View) -> float:
        return scale(view.input(0)) * float(view.option("beta", 1.0)) / (10.0 / 65535.0)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        multiplier, exponent = quantize_multiplier(self._real(view))
        depth = view.input(0).shape[-1]
        arguments: tuple[Argument, ...] = (
            IN,
            OUT,
            Const("exps", interpolated(np.exp, -10.0, 0.0), "exp(x), x = -10..0, Q0.15", "int16_t"),
            Const("reciprocals", interpolated(_reciprocal, 0.0, 1.0), "1 / (1 + x), x = 0..1, Q0.15", "int16_t"),
            *(Scalar("multiplier", multiplier), Scalar("shift", -exponent)),
        )
        shape = (("rows", view.input(0).elements // depth), ("depth", depth))
        return (Call("softmax_s16_ref", "ew_softmax_s16_shape", shape, arguments),)


def _reciprocal(x: Any) -> Any:
    return np.float32(1.0) / (np.float32(1.0) + x)


TYPED: tuple[Op, ...] = (SoftmaxInt16(),)
