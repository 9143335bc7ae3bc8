"""SLICE: constant begin and size; data of any type."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.kernels.constant import constant_data
from edgewright.ops.families import checks
from edgewright.ops.families.move import Move, MoveOp, check_same_type, strides
from edgewright.tflite.graph import View


class Slice(MoveOp):
    """input, begin, size; a size of -1 reaches to the end."""

    name = "SLICE"
    versions = range(1, 7)
    inputs = range(3, 4)

    def check(self, view: View) -> Iterator[str]:
        source, output = view.input(0), view.output()
        faults = [*checks.not_empty(view), *check_same_type(source, view.outputs)]
        for tensor, what in ((view.input(1), "begin"), (view.input(2), "size")):
            faults += [*checks.constant(tensor, what), *checks.dtype(tensor, what, "int32", "int64")]
            faults += checks.shape(tensor, what, (len(source.shape),))
        if faults:
            yield from faults
            return
        ends = list(zip(_numbers(view, 1), _numbers(view, 2), source.shape, strict=True))
        if any(begin < 0 or size < -1 or begin + max(size, 0) > whole for begin, size, whole in ends):
            yield f"begin {_numbers(view, 1)} and size {_numbers(view, 2)} reach beyond {list(source.shape)}"
            return
        expected = [whole - begin if size == -1 else size for begin, size, whole in ends]
        yield from checks.shape(output, "the output", expected)
        yield from self.check_move(view)

    def move(self, view: View) -> Move:
        steps = strides(view.input(0).shape)
        start = sum(begin * step for begin, step in zip(_numbers(view, 1), steps, strict=True))
        return Move(view.output().shape, steps, start)


def _numbers(view: View, index: int) -> list[int]:
    return [int(number) for number in constant_data(view.input(index))]


OP = Slice()
