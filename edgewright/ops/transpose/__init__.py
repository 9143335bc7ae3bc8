"""TRANSPOSE: dimensions in any order; data of any type."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.kernels.constant import constant_data
from edgewright.ops.families import checks
from edgewright.ops.families.move import Move, MoveOp, check_same_type, strides
from edgewright.tflite.graph import View


class Transpose(MoveOp):
    """input, permutation."""

    name = "TRANSPOSE"
    versions = range(1, 7)
    inputs = range(2, 3)

    def check(self, view: View) -> Iterator[str]:
        source, order = view.input(0), view.input(1)
        faults = [*checks.not_empty(view), *check_same_type(source, view.outputs)]
        faults += [*checks.constant(order, "permutation"), *checks.dtype(order, "permutation", "int32")]
        if faults:
            yield from faults
            return
        axes = _axes(view)
        if sorted(axes) != list(range(len(source.shape))):
            yield f"{axes} is no permutation of {len(source.shape)} dimensions"
            return
        yield from checks.shape(view.output(), "the output", [source.shape[axis] for axis in axes])
        yield from self.check_move(view)

    def move(self, view: View) -> Move:
        steps = strides(view.input(0).shape)
        return Move(view.output().shape, [steps[axis] for axis in _axes(view)])


def _axes(view: View) -> list[int]:
    rank = len(view.input(0).shape)
    raw = [int(axis) for axis in constant_data(view.input(1)).reshape(-1)]
    return [axis + rank if axis < 0 else axis for axis in raw]


OP = Transpose()
