"""What SELECT and SELECT_V2 have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from edgewright.kernels.call import Argument, Call, Input, Output
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.move import TYPES, check_same_scale, strides
from edgewright.tflite.graph import ITEM_BYTES, View

_LOOPS = 5


class Select(Op):
    """condition, what is taken where it holds, what is taken elsewhere."""

    dtypes = TYPES
    inputs = range(3, 4)
    files = ("select_ref",)

    def check(self, view: View) -> Iterator[str]:
        condition, a, b = (view.input(i) for i in range(3))
        faults = [*checks.not_empty(view), *checks.dtype(condition, "condition", "bool")]
        for tensor in (a, b):
            faults += check_same_scale(tensor, view.outputs)
        yield from faults or self.check_shapes(view)

    def shapes(self, view: View) -> list[tuple[int, ...]]:
        """Of the three inputs, as they are broadcast."""
        return [view.input(i).shape for i in range(3)]

    def check_shapes(self, view: View) -> Iterator[str]:
        """The inputs broadcast to the output."""
        shapes = self.shapes(view)
        try:
            found = np.broadcast_shapes(*shapes)
        except ValueError:
            found = None
        if found != view.output().shape:
            yield f"inputs of shapes {[list(s) for s in shapes]} do not broadcast to {list(view.output().shape)}"
        elif len(_loops(view.output().shape, shapes)) > _LOOPS:
            yield "the inputs are broadcast along too many dimensions in turn"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        item = ITEM_BYTES[view.output().dtype]
        loops = _loops(view.output().shape, self.shapes(view))
        loops = [(1, (0, 0, 0))] * (_LOOPS - len(loops)) + loops
        fields = [(f"n{i}", size) for i, (size, _) in enumerate(loops)]
        for place, (letter, bytes_) in enumerate((("c", 1), ("a", item), ("b", item))):
            fields += [(f"{letter}{i}", steps[place] * bytes_) for i, (_, steps) in enumerate(loops)]
        inputs = (Input(name, i) for i, name in enumerate(("condition", "a", "b")))
        arguments: tuple[Argument, ...] = (*inputs, Output("output"))
        return (Call("select_ref", "ew_select_shape", (*fields, ("bytes", item)), arguments),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        return {i: 0 for i in (1, 2) if view.input(i).elements == view.output().elements}


def _loops(shape: Sequence[int], inputs: Sequence[Sequence[int]]) -> list[tuple[int, tuple[int, ...]]]:
    """(size, step of each input in elements), outermost first; neighbours that all inputs join are one."""
    padded = [(1,) * (len(shape) - len(each)) + tuple(each) for each in inputs]
    steps = [[0 if n == 1 else step for n, step in zip(each, strides(each), strict=True)] for each in padded]
    found: list[tuple[int, tuple[int, ...]]] = []
    for size, *row in zip(shape, *steps, strict=True):
        if size == 1:
            continue
        if found and all(outer == size * inner for outer, inner in zip(found[-1][1], row, strict=True)):
            found[-1] = (found[-1][0] * size, tuple(row))
        else:
            found.append((size, tuple(row)))
    return found
