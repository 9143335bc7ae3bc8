"""ELU, int8: x for x >= 0, else exp(x) - 1."""

from __future__ import annotations

import math

import numpy as np

from edgewright.ops.base import Op
from edgewright.ops.families.elements_float32 import UnaryFloat
from edgewright.ops.families.table import RealTableOp
from edgewright.tflite.graph import View


class Elu(RealTableOp):
    """TensorFlow Lite Micro makes the table in float32; so does this."""

    name = "ELU"

    def real(self, view: View, x: np.float32) -> np.float32:
        return np.float32(math.exp(float(x))) - np.float32(1) if x < 0 else x


OP = Elu()
TYPED: tuple[Op, ...] = (UnaryFloat("ELU"),)
