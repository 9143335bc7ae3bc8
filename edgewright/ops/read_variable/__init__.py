"""READ_VARIABLE: the content of a variable, which stays the same when the variable is written later."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.copy import CopyOp
from edgewright.ops.families.move import TYPES
from edgewright.tflite.graph import View


class ReadVariable(CopyOp):
    """The reader has put the state in the place of its handle."""

    name = "READ_VARIABLE"

    def check(self, view: View) -> Iterator[str]:
        state, output = view.input(0), view.output()
        yield from check_variable(view, 0)
        yield from checks.dtype(output, "output", *TYPES)
        if (state.dtype, state.elements) != (output.dtype, output.elements):
            yield f"the variable holds {state.elements} of {state.dtype}"


def check_variable(view: View, index: int) -> Iterator[str]:
    """The input is a state of the model."""
    if not view.input(index).is_variable:
        yield "the variable is unknown: no VAR_HANDLE of this subgraph names it"


OP: Op = ReadVariable()
