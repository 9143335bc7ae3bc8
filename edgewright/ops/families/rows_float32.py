"""float32 operators that sum up or spread over more than an element: rows, reduced dimensions, matrices, images.

Sums go in the order of TensorFlow Lite Micro's kernels. SOFTMAX and LOG_SOFTMAX call the target's libm.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from edgewright.kernels.call import Call, Input, Scalar
from edgewright.ops.base import Op
from edgewright.ops.batch_matmul import MatMul, matrix_fields
from edgewright.ops.families import checks
from edgewright.ops.families.float32 import IN, OUT, float32_ends
from edgewright.ops.families.reduce import Reduce, group_fields
from edgewright.ops.families.resize import Resize, ratio
from edgewright.tflite.graph import View


class RowsFloat(Op):
    """Over the last dimension."""

    dtypes = ("float32",)

    def __init__(self, name: str, versions: range) -> None:
        self.name, self.versions = name, versions  # type: ignore[misc]

    def kernel_stem(self, view: View) -> str:
        return f"{self.name.lower()}_f32"

    def check(self, view: View) -> Iterator[str]:
        yield from checks.not_empty(view)
        yield from float32_ends(view)
        yield from checks.shape(view.output(), "the output", view.input(0).shape)
        if not view.input(0).shape:
            yield "the input is a scalar"

    def parameters(self, view: View) -> tuple[Scalar, ...]:
        """Arguments behind the output."""
        return ()

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        depth, stem = view.input(0).shape[-1], self.kernel_stem(view)
        shape = (("rows", view.input(0).elements // depth), ("depth", depth))
        return (Call(f"{stem}_ref", f"ew_{stem}_shape", shape, (IN, OUT, *self.parameters(view))),)

    def overlap(self, view: View, variant: str) -> Mapping[int, int]:
        return {0: 0}


class SoftmaxFloat(RowsFloat):
    """Over the last dimension."""

    def check(self, view: View) -> Iterator[str]:
        yield from super().check(view)
        if not math.isfinite(view.option("beta", 1.0)):
            yield f"beta is {view.option('beta')}"

    def parameters(self, view: View) -> tuple[Scalar, ...]:
        return (Scalar("beta", float(view.option("beta", 1.0)), "float"),)


_REDUCTIONS = ("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN")
"""In the order of the kernel's functions."""


class ReduceFloat(Reduce):
    """Over any dimensions."""

    dtypes = ("float32",)

    def __init__(self, name: str) -> None:
        self.name = name  # type: ignore[misc]

    def kernel_stem(self, view: View) -> str:
        return "reduce_f32"

    def check(self, view: View) -> Iterator[str]:
        yield from [*checks.not_empty(view), *float32_ends(view)] or self.check_axes(view)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        of = tuple((f"of.{name}", size) for name, size in group_fields(view))
        shape = (*of, ("function", _REDUCTIONS.index(self.name)))
        return (Call("reduce_f32_ref", "ew_reduce_f32_shape", shape, (IN, OUT)),)


class BatchMatmulFloat(MatMul):
    """Up to five dimensions, adj_x, adj_y, with broadcasting of both sides."""

    dtypes = ("float32",)

    def kernel_stem(self, view: View) -> str:
        return "batch_matmul_f32"

    def check_types(self, view: View) -> Iterator[str]:
        return float32_ends(view, 0, 1)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        arguments = (Input("a", 0, "float"), Input("b", 1, "float"), OUT)
        return (Call("batch_matmul_f32_ref", "ew_batch_matmul_s8_shape", matrix_fields(view), arguments),)


class ResizeBilinearFloat(Resize):
    """align_corners, half_pixel_centers."""

    name = "RESIZE_BILINEAR"
    dtypes = ("float32",)

    def kernel_stem(self, view: View) -> str:
        return "resize_bilinear_f32"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        batches, in_h, in_w, channels = view.input(0).shape
        out_h, out_w = view.output().shape[1:3]
        sizes = {"batches": batches, "in_h": in_h, "in_w": in_w, "channels": channels, "out_h": out_h, "out_w": out_w}
        sizes["half_pixel_centers"] = int(view.option("half_pixel_centers", False))
        scales = (Scalar(f"{name}_scale", float(ratio(view, axis)), "float") for name, axis in (("y", 1), ("x", 2)))
        shape = tuple(sizes.items())
        return (Call("resize_bilinear_f32_ref", "ew_resize_bilinear_f32_shape", shape, (IN, OUT, *scales)),)


OPS: tuple[Op, ...] = (
    SoftmaxFloat("SOFTMAX", range(1, 4)),
    RowsFloat("L2_NORMALIZATION", range(1, 3)),
    RowsFloat("LOG_SOFTMAX", range(1, 3)),
    *(ReduceFloat(name) for name in _REDUCTIONS),
    BatchMatmulFloat(),
    ResizeBilinearFloat(),
)
