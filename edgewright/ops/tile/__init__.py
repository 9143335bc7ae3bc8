"""TILE: repeated along any dimensions, constant multiples; data of any type. No TensorFlow Lite Micro runs it."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.kernels.constant import constant_data
from edgewright.ops.families import checks
from edgewright.ops.families.move import Move, MoveOp, check_same_type, strides
from edgewright.tflite.graph import View


class Tile(MoveOp):
    """input, multiples."""

    name = "TILE"
    versions = range(1, 4)
    inputs = range(2, 3)
    oracle = "LiteRT"

    def check(self, view: View) -> Iterator[str]:
        source, multiples = view.input(0), view.input(1)
        faults = [*checks.not_empty(view), *check_same_type(source, view.outputs)]
        faults += [*checks.constant(multiples, "multiples"), *checks.dtype(multiples, "multiples", "int32", "int64")]
        faults += checks.shape(multiples, "multiples", (len(source.shape),))
        if faults:
            yield from faults
            return
        expected = [size * times for size, times in zip(source.shape, _multiples(view), strict=True)]
        yield from checks.shape(view.output(), "the output", expected)
        yield from self.check_move(view)

    def move(self, view: View) -> Move:
        shape = view.input(0).shape
        rows = zip(_multiples(view), shape, strides(shape), strict=True)
        pairs = [pair for times, size, step in rows for pair in ((times, 0), (size, step))]
        return Move([size for size, _ in pairs], [step for _, step in pairs])


def _multiples(view: View) -> list[int]:
    return [int(times) for times in constant_data(view.input(1)).reshape(-1)]


OP = Tile()
