"""CALL_ONCE: the first contents of variables, which `<model>_reset` gives them; no code is made for it.

Of a subgraph that does no more than VAR_HANDLE and ASSIGN_VARIABLE of constants.
"""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.kernels.call import Call
from edgewright.ops.base import Op
from edgewright.tflite.graph import View


class CallOnce(Op):
    """Only one that the reader could not take as first contents of variables is left in a graph."""

    name = "CALL_ONCE"
    files = ()
    inputs = range(1)
    outputs = range(1)

    def check(self, view: View) -> Iterator[str]:
        number = view.option("init_subgraph_index", 0)
        yield f"subgraph {number} does more than give variables constants, or comes after their first use"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        return ()


OP = CallOnce()
