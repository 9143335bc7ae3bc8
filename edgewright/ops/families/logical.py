"""What LOGICAL_AND and LOGICAL_OR have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edgewright.kernels.broadcast import loop_fields, same_place
from edgewright.kernels.call import Call, Input, Output
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.binary import check_shapes
from edgewright.tflite.graph import View


class Logical(Op):
    """Two bool inputs, element by element."""

    dtypes = ("bool",)
    inputs = range(2, 3)

    def check(self, view: View) -> Iterator[str]:
        tensors = ((view.input(0), "first input"), (view.input(1), "second input"), (view.output(), "output"))
        faults = [fault for tensor, what in tensors for fault in checks.dtype(tensor, what, "bool")]
        yield from faults or check_shapes(view)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        fields = loop_fields(view.input(0).shape, view.input(1).shape)
        arguments = (Input("a", 0), Input("b", 1), Output("output"))
        return (Call(self.files[0], "ew_binary_s8_shape", fields, arguments),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        return same_place(view)

    @property
    def files(self) -> tuple[str, ...]:
        return (f"{self.name.lower()}_ref",)
