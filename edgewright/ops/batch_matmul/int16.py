"""BATCH_MATMUL, int16."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.kernels.call import Call, Scalar
from edgewright.kernels.wide import MAX_FACTOR_WIDE, wide_factor
from edgewright.ops.base import Op
from edgewright.ops.batch_matmul import MatMul, matmul_real, matrix_fields
from edgewright.ops.families.int16 import PAIR, int16, int16_end
from edgewright.tflite.graph import View


class BatchMatmulInt16(MatMul):
    """Up to five dimensions, adj_x, adj_y, with broadcasting of both sides."""

    dtypes = ("int16",)
    files = ("batch_matmul_s16_ref",)

    def check_types(self, view: View) -> Iterator[str]:
        yield from [*int16_end(view), *int16(view.input(1), "second input")]

    def check_scales(self, view: View) -> Iterator[str]:
        if matmul_real(view) >= MAX_FACTOR_WIDE:
            yield "the output's scale is too small for the inputs' scales"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        multiplier, shift = wide_factor(matmul_real(view))
        arguments = (*PAIR, Scalar("multiplier", multiplier), Scalar("shift", shift))
        return (Call("batch_matmul_s16_ref", "ew_batch_matmul_s8_shape", matrix_fields(view), arguments),)


TYPED: tuple[Op, ...] = (BatchMatmulInt16(),)
