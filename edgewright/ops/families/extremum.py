"""What MAXIMUM and MINIMUM have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edgewright.kernels.broadcast import loop_fields, same_place
from edgewright.kernels.call import Call, Input, Output
from edgewright.ops.base import Op
from edgewright.ops.families.binary import check_binary
from edgewright.tflite.graph import View


class Extremum(Op):
    """Of two inputs, element by element; as in TensorFlow Lite Micro the bytes themselves are compared."""

    versions = range(1, 5)
    inputs = range(2, 3)

    def check(self, view: View) -> Iterator[str]:
        return check_binary(view)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        fields = loop_fields(view.input(0).shape, view.input(1).shape)
        arguments = (Input("a", 0), Input("b", 1), Output("output"))
        return (Call(self.files[0], "ew_binary_s8_shape", fields, arguments),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        return same_place(view)
