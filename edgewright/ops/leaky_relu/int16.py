"""LEAKY_RELU, int16."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from edgewright.ops import leaky_relu
from edgewright.ops.base import Op
from edgewright.ops.families import rescale_fast
from edgewright.ops.families.elements_int16 import RescaleInt16
from edgewright.tflite.graph import View


class LeakyReluInt16(RescaleInt16):
    """X for x >= 0, else alpha * x."""

    name = "LEAKY_RELU"
    versions = range(1, 3)

    def check_scales(self, view: View) -> Iterator[str]:
        if np.isfinite(view.option("alpha", 0.0)):
            yield from super().check_scales(view)
        else:
            yield f"alpha is {view.option('alpha')}"

    def factors(self, view: View) -> tuple[float, float]:
        return leaky_relu.factors(view)


OP_INT16 = LeakyReluInt16()
TYPED: tuple[Op, ...] = (OP_INT16,)
KERNELS = rescale_fast.records(OP_INT16)
