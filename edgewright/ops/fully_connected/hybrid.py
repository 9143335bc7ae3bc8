"""FULLY_CONNECTED, float32 with int8 weights."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from edgewright.kernels.call import Call
from edgewright.kernels.constant import constant_data
from edgewright.kernels.window import Window
from edgewright.ops.base import Op
from edgewright.ops.families import checks, shape_checks
from edgewright.ops.families.hybrid import Hybrid, call, check_hybrid
from edgewright.ops.fully_connected.float32 import FullyConnectedFloat
from edgewright.tflite.graph import View


class FullyConnectedHybrid(Hybrid, FullyConnectedFloat):
    """Rows of the input's last dimension, quantized as asymmetric_quantize_inputs says."""

    def check(self, view: View) -> Iterator[str]:
        faults = [*checks.rank(view.input(1), "weights", 2), *checks.not_empty(view)]
        yield from faults or self._deeper(view)

    def _deeper(self, view: View) -> Iterator[str]:
        yield from check_hybrid(view, view.input(1).shape[0], 0)
        yield from shape_checks.fully_connected(view)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        weights = constant_data(view.input(1)).astype(np.int8)
        of, rows = Window(1, 1, weights.shape[1], 1, 1, 1, 1), view.output().elements // len(weights)
        asymmetric = bool(view.option("asymmetric_quantize_inputs", False))
        return call(view, of, rows, 1, weights, asymmetric=asymmetric, by_channels=False)


TYPED: tuple[Op, ...] = (FullyConnectedHybrid(),)
