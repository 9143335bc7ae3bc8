"""CONV_2D, float32 with int8 weights."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from edgewright.kernels.call import Call
from edgewright.kernels.constant import constant_data
from edgewright.kernels.quant import quantization
from edgewright.kernels.window import read_window
from edgewright.ops.base import Op
from edgewright.ops.conv_2d.float32 import Conv2DFloat
from edgewright.ops.families import shape_checks
from edgewright.ops.families.hybrid import Hybrid, call, check_hybrid
from edgewright.tflite.graph import View


class Conv2DHybrid(Hybrid, Conv2DFloat):
    """Dilated, strided. With scales per channel the input is quantized asymmetrically, else symmetrically."""

    def check(self, view: View) -> Iterator[str]:
        yield from list(shape_checks.weighted_images(view)) or self._deeper(view)

    def _deeper(self, view: View) -> Iterator[str]:
        yield from check_hybrid(view, view.input(1).shape[0], 0)
        yield from shape_checks.convolution(view)
        if view.input(0).shape[3] != view.input(1).shape[3]:
            yield "a hybrid convolution has no groups"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        weights = constant_data(view.input(1)).astype(np.int8)
        per_channel = quantization(view.input(1)).per_channel
        of, rows = read_window(view, *weights.shape[1:3]), weights.reshape(len(weights), -1)
        return call(view, of, view.input(0).shape[0], 1, rows, asymmetric=per_channel, by_channels=per_channel)


TYPED: tuple[Op, ...] = (Conv2DHybrid(),)
