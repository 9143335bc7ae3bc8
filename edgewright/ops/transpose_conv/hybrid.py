"""TRANSPOSE_CONV, float32 with int8 weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from edgewright.kernels.call import Call, Input
from edgewright.kernels.constant import constant_data
from edgewright.kernels.overlap import NEVER
from edgewright.ops.base import Op
from edgewright.ops.families import shape_checks
from edgewright.ops.families.float32 import OUT
from edgewright.ops.families.hybrid import Hybrid, check_hybrid, constants_of, quantized
from edgewright.ops.transpose_conv import as_convolution, fields
from edgewright.ops.transpose_conv.float32 import TransposeConvFloat
from edgewright.tflite.graph import View


class TransposeConvHybrid(Hybrid, TransposeConvFloat):
    """Strided."""

    files = ("hybrid_quantize_ref", "transpose_conv_hybrid_ref")

    def check(self, view: View) -> Iterator[str]:
        yield from list(shape_checks.transposed_images(view)) or self._deeper(view)

    def _deeper(self, view: View) -> Iterator[str]:
        yield from check_hybrid(as_convolution(view), view.input(1).shape[0], 0)
        yield from shape_checks.transposed(view)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        source = view.input(2)
        batches = source.shape[0]
        of_input = Input("input", 2, "float")
        first, values, factors = quantized(batches, source.elements // batches, True, of_input)
        weights = constant_data(view.input(1)).astype(np.int8)
        constants = constants_of(as_convolution(view), weights.reshape(len(weights), -1))
        arguments = (values, factors, OUT, *constants)
        return first, Call("transpose_conv_hybrid_ref", "ew_transpose_conv_f32_shape", fields(view), arguments)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        return {2: -NEVER}


TYPED: tuple[Op, ...] = (TransposeConvHybrid(),)
