"""ADD_N: the sum of any number of inputs of one shape. int32, which TensorFlow Lite Micro lacks, is LiteRT's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edgewright.kernels.call import Call, Input, Output
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.element import NUMBERS
from edgewright.tflite.graph import View


class AddN(Op):
    """Inputs are added in their order."""

    name = "ADD_N"
    versions = range(1, 3)
    inputs = range(1, 1025)
    is_variadic = True
    dtypes = ("float32", "int32")
    files = ("add_n_ref",)

    def check(self, view: View) -> Iterator[str]:
        output = view.output()
        faults = [*checks.not_empty(view), *checks.dtype(output, "output", *self.dtypes)]
        for index in range(len(view.node.inputs)):
            faults += checks.dtype(view.input(index), f"input {index}", output.dtype)
            faults += checks.shape(view.input(index), f"input {index}", output.shape)
        yield from faults

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        fields = (("count", view.output().elements), ("type", NUMBERS[view.output().dtype]))
        output = Output("output", ctype="void")
        return tuple(
            Call(
                "add_n_ref",
                "ew_add_n_shape",
                (*fields, ("first", int(index == 0))),
                (Input("input", index, "void"), output),
            )
            for index in range(len(view.node.inputs))
        )

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        return {0: 0} if view.node.inputs.count(view.node.inputs[0]) == 1 else {}


OP = AddN()
