"""LOGICAL_NOT: bool."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edgewright.kernels.call import Call, Input, Output
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.tflite.graph import View


class LogicalNot(Op):
    """Not a."""

    name = "LOGICAL_NOT"
    dtypes = ("bool",)
    files = ("logical_not_ref",)

    def check(self, view: View) -> Iterator[str]:
        yield from checks.not_empty(view)
        yield from checks.dtype(view.input(0), "input", "bool")
        yield from checks.dtype(view.output(), "output", "bool")
        yield from checks.shape(view.output(), "the output", view.input(0).shape)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        shape = (("count", view.output().elements),)
        return (Call("logical_not_ref", "ew_logical_not_shape", shape, (Input("input"), Output("output"))),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        return {0: 0}


OP = LogicalNot()
