"""BROADCAST_TO: dimensions of 1 repeated; data of any type."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.kernels.broadcast import broadcast_shape
from edgewright.ops.families import checks
from edgewright.ops.families.move import Move, MoveOp, check_same_type, strides
from edgewright.tflite.graph import View


class BroadcastTo(MoveOp):
    """input, shape, which is that of the output."""

    name = "BROADCAST_TO"
    versions = range(1, 4)
    inputs = range(2, 3)

    def check(self, view: View) -> Iterator[str]:
        source, output = view.input(0), view.output()
        faults = [*checks.not_empty(view), *check_same_type(source, view.outputs)]
        faults += checks.dtype(view.input(1), "shape", "int32", "int64")
        if not faults and broadcast_shape(source.shape, output.shape) != output.shape:
            faults.append(f"{list(source.shape)} is not broadcast to {list(output.shape)}")
        yield from faults or self.check_move(view)

    def move(self, view: View) -> Move:
        source, to = view.input(0).shape, view.output().shape
        sizes = (1,) * (len(to) - len(source)) + source
        steps = [0 if size == 1 else step for size, step in zip(sizes, strides(sizes), strict=True)]
        return Move(to, steps)


OP = BroadcastTo()
