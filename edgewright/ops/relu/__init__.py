"""RELU, int8, with a change of scale."""

from __future__ import annotations

import math
from collections.abc import Callable

from edgewright.kernels.quant import DIVIDES_IN_FLOAT32, INT8_MAX, INT8_MIN, rescaled, zero_point
from edgewright.ops.base import Op
from edgewright.ops.families.elements_float32 import ClampFloat
from edgewright.ops.families.table import TableOp
from edgewright.tflite.graph import View


class Relu(TableOp):
    """max(x, 0)."""

    name = "RELU"
    versions = range(1, 4)

    def function(self, view: View) -> Callable[[int], int]:
        bounds = (max(INT8_MIN, zero_point(view.output())), INT8_MAX)
        return rescaled(view.input(0), view.output(), bounds, in_float32=bool(view.option(DIVIDES_IN_FLOAT32)))


OP = Relu()
TYPED: tuple[Op, ...] = (ClampFloat("RELU", range(1, 4), 0.0, math.inf),)
