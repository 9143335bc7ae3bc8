"""What LOGICAL_AND and LOGICAL_OR have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edgewright.ops import _check
from edgewright.ops._base import Call, Input, Op, Output
from edgewright.ops._broadcast import check_shapes, loop_fields, same_place
from edgewright.tflite.graph import View


class Logical(Op):
    """Two bool inputs, element by element."""

    dtypes = ("bool",)
    inputs = range(2, 3)

    def check(self, view: View) -> Iterator[str]:
        tensors = ((view.input(0), "first input"), (view.input(1), "second input"), (view.output(), "output"))
        faults = [fault for tensor, what in tensors for fault in _check.dtype(tensor, what, "bool")]
        yield from faults or check_shapes(view)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        fields = loop_fields(view.input(0).shape, view.input(1).shape)
        arguments = (Input("a", 0), Input("b", 1), Output("output"))
        return (Call(f"{self.kernel_stem(view)}_ref", "ew_binary_s8_shape", fields, arguments),)

    def overlap(self, view: View, variant: str) -> Mapping[int, int]:
        return same_place(view)

    def kernel_stem(self, view: View) -> str:
        return self.name.lower()
