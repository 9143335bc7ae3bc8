"""SQRT, int8, rounded towards 0; of numbers below 0, at which LiteRT stops, that of 0."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from edgewright.kernels.quant import clamp, scale, zero_point
from edgewright.ops.base import Op
from edgewright.ops.families.elements_float32 import UnaryFloat
from edgewright.ops.families.table import RealTableOp
from edgewright.tflite.graph import View


class Sqrt(RealTableOp):
    """No TensorFlow Lite Micro runs it on int8: the root is LiteRT's, in float32."""

    name = "SQRT"
    oracle = "LiteRT"

    def real(self, view: View, x: np.float32) -> np.float32:
        return np.float32(np.sqrt(np.maximum(x, np.float32(0))))

    def function(self, view: View) -> Callable[[int], int]:
        tensor, output = view.input(0), view.output()
        factor, inverse = np.float32(scale(tensor)), np.float32(1) / np.float32(scale(output))

        def value(x: int) -> int:
            root = self.real(view, factor * np.float32(x - zero_point(tensor)))
            return clamp(int(np.float32(root * inverse)) + zero_point(output))

        return value


OP = Sqrt()
TYPED: tuple[Op, ...] = (UnaryFloat("SQRT"),)
