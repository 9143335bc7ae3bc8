"""ASSIGN_VARIABLE: a variable gets a new content, which it keeps until the next call."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.copy import CopyOp
from edgewright.ops.families.move import TYPES
from edgewright.tflite.graph import View


class AssignVariable(CopyOp):
    """The reader has made it a node from the value to the state; one that it could not make so has a handle."""

    name = "ASSIGN_VARIABLE"
    inputs = range(1, 3)
    outputs = range(2)

    def check(self, view: View) -> Iterator[str]:
        if not view.outputs or not view.output().is_variable:
            yield "the variable is unknown: no VAR_HANDLE of this subgraph names it"
            return
        value, state = view.input(0), view.output()
        yield from checks.dtype(value, "value", *TYPES)
        if (state.dtype, state.elements) != (value.dtype, value.elements):
            yield f"the variable holds {state.elements} of {state.dtype}"


OP: Op = AssignVariable()
