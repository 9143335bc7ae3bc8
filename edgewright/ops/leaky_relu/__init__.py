"""LEAKY_RELU, int8."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from edgewright.kernels.quant import (
    DIVIDES_IN_FLOAT32,
    quantize_multiplier,
    quotient,
    requantize,
    scale,
    to_int8,
    zero_point,
)
from edgewright.ops.families.table import TableOp
from edgewright.tflite.graph import View


def factors(view: View) -> tuple[float, float]:
    """(of numbers from 0 on, of those below), in double as TensorFlow Lite Micro has them, or in LiteRT's float32."""
    in_scale, out_scale, alpha = scale(view.input(0)), scale(view.output()), view.option("alpha", 0.0)
    if view.option(DIVIDES_IN_FLOAT32):
        return quotient(in_scale, out_scale), quotient(float(np.float32(in_scale) * np.float32(alpha)), out_scale)
    return in_scale / out_scale, in_scale * alpha / out_scale


class LeakyRelu(TableOp):
    """X for x >= 0, else alpha * x; alpha may be any number."""

    name = "LEAKY_RELU"
    versions = range(1, 3)

    def check(self, view: View) -> Iterator[str]:
        yield from super().check(view)
        if not np.isfinite(view.option("alpha", 0.0)):
            yield f"alpha is {view.option('alpha')}"

    def function(self, view: View) -> Callable[[int], int]:
        tensor, output = view.input(0), view.output()
        positive, negative = (quantize_multiplier(real) for real in factors(view))
        zero = zero_point(tensor)
        return lambda x: to_int8(requantize(x - zero, *(positive if x >= zero else negative)), zero_point(output))


OP = LeakyRelu()
