"""EXP, int8."""

from __future__ import annotations

import math

import numpy as np

from edgewright.ops.base import Op
from edgewright.ops.families.elements_float32 import UnaryFloat
from edgewright.ops.families.table import RealTableOp
from edgewright.tflite.graph import View


class Exp(RealTableOp):
    """No TensorFlow Lite Micro runs it on int8: the table is LiteRT's."""

    name = "EXP"
    versions = range(1, 3)
    oracle = "LiteRT"

    def real(self, view: View, x: np.float32) -> np.float32:
        return np.float32(math.exp(min(float(x), 700.0)))


OP = Exp()
TYPED: tuple[Op, ...] = (UnaryFloat("EXP", range(1, 3)),)
