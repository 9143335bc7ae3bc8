"""SOFTMAX, float32."""

from __future__ import annotations

import math
from collections.abc import Iterator

from edgewright.kernels.call import Scalar
from edgewright.ops.base import Op
from edgewright.ops.families.rows_float32 import RowsFloat
from edgewright.tflite.graph import View


class SoftmaxFloat(RowsFloat):
    """Over the last dimension."""

    def check(self, view: View) -> Iterator[str]:
        yield from super().check(view)
        if not math.isfinite(view.option("beta", 1.0)):
            yield f"beta is {view.option('beta')}"

    def parameters(self, view: View) -> tuple[Scalar, ...]:
        return (Scalar("beta", float(view.option("beta", 1.0)), "float"),)


TYPED: tuple[Op, ...] = (SoftmaxFloat("SOFTMAX", range(1, 4)),)
