"""LOGISTIC, int8: 1 / (1 + exp(-x)). On an output's zero point other than -128 as LiteRT: no other runtime has it."""

from __future__ import annotations

import math

import numpy as np

from edgewright.kernels.fixed_point import logistic
from edgewright.kernels.quant import INT8_MIN
from edgewright.ops.base import Op
from edgewright.ops.families.elements_float32 import UnaryFloat
from edgewright.ops.families.sigmoid import Sigmoid


class Logistic(Sigmoid):
    """The output's scale is taken to be 1/256 where its zero point is -128, unless the answer is to be LiteRT's."""

    name = "LOGISTIC"
    specified_zero = INT8_MIN
    fraction_bits = 8

    def fixed_point(self, a: int, integer_bits: int) -> int:
        return logistic(a, integer_bits)

    def real(self, x: np.float32) -> np.float32:
        return np.float32(1.0 / (1.0 + math.exp(-float(x))))


OP = Logistic()
TYPED: tuple[Op, ...] = (UnaryFloat("LOGISTIC", range(1, 4)),)
