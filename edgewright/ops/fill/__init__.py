"""FILL: one value everywhere; data of any type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edgewright.kernels.call import Call
from edgewright.ops.families import checks
from edgewright.ops.families.move import Move, MoveOp, check_same_scale, move_call, move_distance
from edgewright.tflite.graph import View


class Fill(MoveOp):
    """shape, which is that of the output, and the value."""

    name = "FILL"
    versions = range(1, 5)
    inputs = range(2, 3)

    def check(self, view: View) -> Iterator[str]:
        value = view.input(1)
        yield from checks.dtype(view.input(0), "shape", "int32", "int64")
        yield from checks.not_empty(view)
        yield from check_same_scale(value, view.outputs)
        if value.elements != 1:
            yield f"the value has {value.elements} elements, expected one"

    def move(self, view: View) -> Move:
        return Move(view.output().shape, [0] * len(view.output().shape))

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        return (move_call(self.move(view), view.input(1), index=1),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        return {1: move_distance(self.move(view), view.input(1))}


OP = Fill()
