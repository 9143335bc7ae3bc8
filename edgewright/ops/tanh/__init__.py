"""TANH, int8. On an output's zero point other than 0, at which TensorFlow Lite Micro answers nonsense, as LiteRT."""

from __future__ import annotations

import math

import numpy as np

from edgewright.kernels.fixed_point import tanh
from edgewright.ops.base import Op
from edgewright.ops.families.elements_float32 import UnaryFloat
from edgewright.ops.families.sigmoid import Sigmoid


class Tanh(Sigmoid):
    """The output's scale is taken to be 1/128 where its zero point is 0, unless the answer is to be LiteRT's."""

    name = "TANH"
    specified_zero = 0
    fraction_bits = 7

    def fixed_point(self, a: int, integer_bits: int) -> int:
        return tanh(a, integer_bits)

    def real(self, x: np.float32) -> np.float32:
        return np.float32(math.tanh(float(x)))


OP = Tanh()
TYPED: tuple[Op, ...] = (UnaryFloat("TANH", range(1, 4)),)
