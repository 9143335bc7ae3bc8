"""VAR_HANDLE: names a variable, a part of the state that the caller keeps; no code is made for it."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.kernels.call import Call
from edgewright.ops.base import Op
from edgewright.tflite.graph import View


class VarHandle(Op):
    """The reader has put the variable in the place of every handle: none is left in a sound graph."""

    name = "VAR_HANDLE"
    files = ()
    inputs = range(1)

    def check(self, view: View) -> Iterator[str]:
        yield "the handle has no single output"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        return ()


OP = VarHandle()
