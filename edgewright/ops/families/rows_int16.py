"""int16 reductions, products of matrices, images, and the larger, the smaller and the squared difference of two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edgewright.kernels.broadcast import loop_fields, same_place
from edgewright.kernels.call import Call
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.binary import check_shapes
from edgewright.ops.families.int16 import PAIR, int16, int16_end
from edgewright.ops.families.reduce import AXES, Reduce
from edgewright.tflite.graph import View


class ReduceInt16(Reduce):
    """Over any dimensions."""

    dtypes = ("int16",)

    @property
    def files(self) -> tuple[str, ...]:
        return (f"{self.name.lower()}_s16_ref",)

    def check(self, view: View) -> Iterator[str]:
        faults = [*checks.not_empty(view, AXES), *int16_end(view)] or [*self.check_axes(view)]
        yield from faults or self.check_scales(view)

    def check_scales(self, view: View) -> Iterator[str]:
        """The scales fit."""
        raise NotImplementedError


class ExtremumInt16(Op):
    """With broadcasting of both sides. As in TensorFlow Lite Micro scales are taken to be equal."""

    dtypes = ("int16",)
    versions = range(1, 5)
    inputs = range(2, 3)

    def __init__(self, name: str) -> None:
        self.name = name  # type: ignore[misc]

    @property
    def files(self) -> tuple[str, ...]:
        return (f"{self.name.lower()}_s16_ref",)

    def check(self, view: View) -> Iterator[str]:
        yield from [*int16_end(view), *int16(view.input(1), "second input")] or check_shapes(view)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        fields = loop_fields(view.input(0).shape, view.input(1).shape)
        return (Call(self.files[0], "ew_binary_s8_shape", fields, PAIR),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        return same_place(view)
