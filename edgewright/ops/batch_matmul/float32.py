"""BATCH_MATMUL, float32."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.kernels.call import Call, Input
from edgewright.ops.base import Op
from edgewright.ops.batch_matmul import MatMul, matrix_fields
from edgewright.ops.families.float32 import OUT, float32_ends
from edgewright.tflite.graph import View


class BatchMatmulFloat(MatMul):
    """Up to five dimensions, adj_x, adj_y, with broadcasting of both sides."""

    dtypes = ("float32",)
    files = ("batch_matmul_f32_ref",)

    def check_types(self, view: View) -> Iterator[str]:
        return float32_ends(view, 0, 1)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        arguments = (Input("a", 0, "float"), Input("b", 1, "float"), OUT)
        return (Call("batch_matmul_f32_ref", "ew_batch_matmul_s8_shape", matrix_fields(view), arguments),)


TYPED: tuple[Op, ...] = (BatchMatmulFloat(),)
