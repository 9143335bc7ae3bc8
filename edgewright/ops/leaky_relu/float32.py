"""LEAKY_RELU, float32."""

from __future__ import annotations

import math
from collections.abc import Iterator

from edgewright.ops.base import Op
from edgewright.ops.families.elements_float32 import UnaryFloat
from edgewright.tflite.graph import View


class LeakyReluFloat(UnaryFloat):
    """X for x >= 0, else alpha * x."""

    def check(self, view: View) -> Iterator[str]:
        yield from super().check(view)
        if not math.isfinite(view.option("alpha", 0.0)):
            yield f"alpha is {view.option('alpha')}"

    def parameters(self, view: View) -> tuple[float, float]:
        return float(view.option("alpha", 0.0)), 0.0


TYPED: tuple[Op, ...] = (LeakyReluFloat("LEAKY_RELU", range(1, 3)),)
