"""float32 operators that sum up or spread over more than an element: rows, reduced dimensions, matrices, images.

Sums go in the order of TensorFlow Lite Micro's kernels. SOFTMAX and LOG_SOFTMAX call the target's libm.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edgewright.kernels.call import Call, Scalar
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.float32 import IN, OUT, float32_ends
from edgewright.ops.families.reduce import AXES, Reduce, group_fields
from edgewright.tflite.graph import View


class RowsFloat(Op):
    """Over the last dimension."""

    dtypes = ("float32",)

    def __init__(self, name: str, versions: range) -> None:
        self.name, self.versions = name, versions  # type: ignore[misc]

    @property
    def files(self) -> tuple[str, ...]:
        return (f"{self.name.lower()}_f32_ref",)

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
        depth, stem = view.input(0).shape[-1], self.files[0].removesuffix("_ref")
        shape = (("rows", view.input(0).elements // depth), ("depth", depth))
        return (Call(f"{stem}_ref", f"ew_{stem}_shape", shape, (IN, OUT, *self.parameters(view))),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        return {0: 0}


_REDUCTIONS = ("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN")
"""In the order of the kernel's functions."""


class ReduceFloat(Reduce):
    """Over any dimensions."""

    dtypes = ("float32",)
    files = ("reduce_f32_ref",)

    def __init__(self, name: str) -> None:
        self.name = name  # type: ignore[misc]

    def check(self, view: View) -> Iterator[str]:
        yield from [*checks.not_empty(view, AXES), *float32_ends(view)] or self.check_axes(view)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        of = tuple((f"of.{name}", size) for name, size in group_fields(view))
        shape = (*of, ("function", _REDUCTIONS.index(self.name)))
        return (Call("reduce_f32_ref", "ew_reduce_f32_shape", shape, (IN, OUT)),)
