"""Data moved by steps: every element of the output comes from a place that is linear in its indices (kernel `move`)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from edgewright.kernels.call import Call, Input, Output
from edgewright.kernels.overlap import needed_from, needed_later, write_distance
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.tflite.graph import ITEM_BYTES, Tensor, View

_LOOPS = 5
_AT_ONCE = (1, 2, 4)
"""Bytes of pieces that are loaded whole."""

TYPES = ("int8", "uint8", "int16", "int32", "int64", "float32", "bool")


@dataclass(frozen=True)
class Move:
    """Where the elements of an output come from.

    Attributes:
        sizes: elements of the output along its dimensions, which may be split or joined as the move needs it.
        steps: elements of the input from one to the next along each of these.
        start: element of the input that is the first of the output.
    """

    sizes: Sequence[int]
    steps: Sequence[int]
    start: int = 0

    def loops(self) -> list[tuple[int, int]]:
        """(size, step) outermost first, without sizes of 1, neighbours that are one dimension joined."""
        found: list[tuple[int, int]] = []
        for size, step in zip(self.sizes, self.steps, strict=True):
            if size == 1:
                continue
            if found and found[-1][1] == size * step:
                found[-1] = (found[-1][0] * size, step)
            else:
                found.append((size, step))
        return found

    def pieces(self) -> tuple[list[tuple[int, int]], int]:
        """(loops over pieces, elements of a piece)."""
        loops = self.loops()
        if loops and loops[-1][1] == 1:
            return loops[:-1], loops[-1][0]
        return loops, 1


def strides(shape: Sequence[int]) -> list[int]:
    """Elements from one to the next along each dimension."""
    return [math.prod(shape[i + 1 :]) for i in range(len(shape))]


def move_call(move: Move, source: Tensor, index: int = 0, output: int = 0) -> Call:
    """The call for input `index`, which is `source`, and an output."""
    item = ITEM_BYTES[source.dtype]
    pieces, size = move.pieces()
    pieces = [(1, 0)] * (_LOOPS - len(pieces)) + pieces
    shape = (
        *((f"n{i}", count) for i, (count, _) in enumerate(pieces)),
        *((f"step{i}", step * item) for i, (_, step) in enumerate(pieces)),
        ("bytes", size * item),
    )
    return Call(
        "move_ref", "ew_move_shape", shape, (Input("input", index, offset=move.start * item), Output("output", output))
    )


def move_distance(move: Move, source: Tensor) -> int:
    """`write_distance`: a single element is read before it is written; pieces are copied from front to back."""
    item = ITEM_BYTES[source.dtype]
    pieces, size = move.pieces()
    first = np.full(1, move.start, np.int64)
    for count, step in pieces:
        first = (first[:, None] + np.arange(count)[None, :] * step).reshape(-1)
    ends = np.arange(1, len(first) + 1) * size * item
    if size * item in _AT_ONCE:
        return write_distance(ends, needed_later(first * item))
    return write_distance(ends - size * item, needed_from(first * item))


class MoveOp(Op):
    """An operator with one output that is a move of its first input."""

    dtypes = TYPES
    files = ("move_ref",)

    def move(self, view: View) -> Move:
        """Where the output's elements come from."""
        raise NotImplementedError

    def check_move(self, view: View) -> Iterator[str]:
        """What every move needs whose shapes are sound: few enough loops."""
        move = self.move(view)
        if len(move.sizes) == len(move.steps) and len(move.pieces()[0]) > _LOOPS:
            yield "too many dimensions are moved in turn"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        return (move_call(self.move(view), view.input(0)),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        return {0: move_distance(self.move(view), view.input(0))}


def check_same_type(source: Tensor, outputs: Sequence[Tensor]) -> Iterator[str]:
    """The outputs are of the source's type, one that generated code can hold.

    Scales may differ, as converters write them: the runtimes move the bytes as they are.
    """
    yield from checks.dtype(source, "input", *TYPES)
    for output in outputs:
        yield from checks.dtype(output, "output", source.dtype)


def check_same_scale(source: Tensor, outputs: Sequence[Tensor]) -> Iterator[str]:
    """As check_same_type, and their scales are the same too."""
    yield from check_same_type(source, outputs)
    for output in outputs:
        yield from checks.same_quantization(source, output, "input and output")
