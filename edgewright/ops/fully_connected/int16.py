"""FULLY_CONNECTED, int16."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from edgewright.kernels.call import Call
from edgewright.kernels.constant import constant_data
from edgewright.kernels.window import Window
from edgewright.ops.base import Op
from edgewright.ops.families import checks, shape_checks
from edgewright.ops.families.int16 import int16_end
from edgewright.ops.families.weighted_int16 import WeightedInt16
from edgewright.tflite.graph import View


class FullyConnectedInt16(WeightedInt16):
    """Weights quantized per tensor or per channel."""

    name = "FULLY_CONNECTED"
    versions = range(1, 14)
    inputs = range(2, 4)
    bias_types = ("int32", "int64")

    def check(self, view: View) -> Iterator[str]:
        faults = [*checks.rank(view.input(1), "weights", 2), *checks.not_empty(view), *int16_end(view)]
        yield from faults or self._deeper(view)

    def _deeper(self, view: View) -> Iterator[str]:
        yield from self.check_numbers(view)
        yield from shape_checks.fully_connected(view)

    def macs(self, view: View) -> int:
        return view.output().elements * view.input(1).shape[1]

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        weights = constant_data(view.input(1)).astype(np.int8)
        rows = view.output().elements // len(weights)
        of = Window(rows, 1, weights.shape[1], rows, 1, 1, 1)
        return (self.call(view, of, 1, weights, 1),)


OP_INT16 = FullyConnectedInt16()
TYPED: tuple[Op, ...] = (OP_INT16,)
