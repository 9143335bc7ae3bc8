"""LOG, int8: the natural logarithm; of numbers of 0 and below the output's least number."""

from __future__ import annotations

import math

import numpy as np

from edgewright.kernels.quant import INT8_MIN, scale, zero_point
from edgewright.ops.base import Op
from edgewright.ops.families.elements_float32 import UnaryFloat
from edgewright.ops.families.table import RealTableOp
from edgewright.tflite.graph import View


class Log(RealTableOp):
    """No TensorFlow Lite Micro runs it on int8: the table is LiteRT's."""

    name = "LOG"
    versions = range(1, 3)
    oracle = "LiteRT"

    def real(self, view: View, x: np.float32) -> np.float32:
        output = view.output()
        return log(x, np.float32(INT8_MIN - zero_point(output)) * np.float32(scale(output)))


def log(x: np.float32, least: np.float32) -> np.float32:
    """In float32; of numbers of 0 and below `least`."""
    return np.float32(math.log(float(x))) if x > 0 else least


OP = Log()
TYPED: tuple[Op, ...] = (UnaryFloat("LOG"),)
