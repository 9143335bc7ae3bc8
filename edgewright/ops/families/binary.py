"""What operators of two inputs with broadcasting ask of these."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.kernels.broadcast import LOOPS, broadcast_shape, loops
from edgewright.ops.families import checks
from edgewright.tflite.graph import View


def check_binary(view: View) -> Iterator[str]:
    """Two int8 inputs that broadcast to the int8 output, in at most four loops."""
    faults: list[str] = []
    for tensor, what in ((view.input(0), "first input"), (view.input(1), "second input"), (view.output(), "output")):
        faults += checks.int8(tensor, what)
    faults += checks.activation(view)
    yield from faults or check_shapes(view)


def check_shapes(view: View) -> Iterator[str]:
    """Two inputs that broadcast to the output, in at most four loops."""
    faults = list(checks.not_empty(view))
    if faults:
        yield from faults
        return
    a, b = view.input(0).shape, view.input(1).shape
    expected = broadcast_shape(a, b)
    if expected is None or view.output().shape != expected:
        yield f"inputs of shapes {list(a)} and {list(b)} do not broadcast to {list(view.output().shape)}"
    elif len(loops(a, b)) > LOOPS:
        yield f"inputs of shapes {list(a)} and {list(b)} are broadcast along too many dimensions in turn"
