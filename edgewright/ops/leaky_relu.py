"""LEAKY_RELU, int8."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from edgewright.ops._quant import quantize_multiplier, requantize, scale, to_int8, zero_point
from edgewright.ops._table import TableOp
from edgewright.tflite.graph import View


def factors(view: View) -> tuple[float, float]:
    """(of numbers from 0 on, of those below), in double as TensorFlow Lite Micro has them; LiteRT takes float32."""
    in_scale, out_scale = scale(view.input(0)), scale(view.output())
    return in_scale / out_scale, in_scale * view.option("alpha", 0.0) / out_scale


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
