"""ELU, int8: x for x >= 0, else exp(x) - 1."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from edgewright.ops._quant import clamp, round_half_away, scale, zero_point
from edgewright.ops._table import TableOp
from edgewright.tflite.graph import View

_MOST = float(1 << 30)
"""Results beyond it, in units of the output's scale, would not fit in int32."""


class Elu(TableOp):
    """TensorFlow Lite Micro makes the table in float32; so does this."""

    name = "ELU"

    def check(self, view: View) -> Iterator[str]:
        faults = list(super().check(view))
        yield from faults
        if not faults and 255.0 * scale(view.input(0)) / scale(view.output()) >= _MOST:
            yield "the output's scale is too small for the input's"

    def function(self, view: View) -> Callable[[int], int]:
        tensor, output = view.input(0), view.output()
        factor, inverse = np.float32(scale(tensor)), np.float32(1) / np.float32(scale(output))

        def value(x: int) -> int:
            real = factor * np.float32(x - zero_point(tensor))
            real = np.float32(math.exp(float(real))) - np.float32(1) if real < 0 else real
            rounded = np.float32(round_half_away(float(np.float32(real * inverse))))
            return clamp(int(rounded + np.float32(zero_point(output))))

        return value


OP = Elu()
