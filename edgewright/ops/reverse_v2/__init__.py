"""REVERSE_V2: along any constant axes; data of any type."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.kernels.constant import constant_data
from edgewright.ops.families import checks
from edgewright.ops.families.move import Move, MoveOp, check_same_type, strides
from edgewright.tflite.graph import View


class ReverseV2(MoveOp):
    """input, axes."""

    name = "REVERSE_V2"
    versions = range(1, 4)
    inputs = range(2, 3)

    def check(self, view: View) -> Iterator[str]:
        source, axes = view.input(0), view.input(1)
        faults = [*checks.not_empty(view), *check_same_type(source, view.outputs)]
        faults += [*checks.constant(axes, "axes"), *checks.dtype(axes, "axes", "int32")]
        faults += checks.shape(view.output(), "the output", source.shape)
        if faults:
            yield from faults
            return
        rank, found = len(source.shape), _axes(view)
        if len(set(found)) != len(found) or not set(found) <= set(range(rank)):
            yield f"axes {found} are none of {rank} dimensions, each once"
            return
        yield from self.check_move(view)

    def move(self, view: View) -> Move:
        shape, axes = view.input(0).shape, _axes(view)
        steps = strides(shape)
        start = sum((shape[axis] - 1) * steps[axis] for axis in axes)
        return Move(shape, [-step if axis in axes else step for axis, step in enumerate(steps)], start)


def _axes(view: View) -> list[int]:
    rank = len(view.input(0).shape)
    raw = [int(axis) for axis in constant_data(view.input(1)).reshape(-1)]
    return [axis + rank if axis < 0 else axis for axis in raw]


OP = ReverseV2()
