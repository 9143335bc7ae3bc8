"""An input in pieces along one dimension, each an output: SPLIT, SPLIT_V and UNPACK."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from edgewright.kernels.call import Call
from edgewright.ops.families import checks
from edgewright.ops.families.move import Move, check_same_type, move_call, strides
from edgewright.tflite.graph import View

MOST_OUTPUTS = 1024


def check_parts(view: View, source: int, axis: int, sizes: Sequence[int], *, keep: bool) -> Iterator[str]:
    """The outputs are the parts of input `source`; `keep` says whether they keep the dimension."""
    tensor = view.input(source)
    faults = [*checks.not_empty(view), *check_same_type(tensor, view.outputs)]
    if not 0 <= axis < len(tensor.shape):
        faults.append(f"axis {axis} is none of {list(tensor.shape)}")
    if faults:
        yield from faults
        return
    if len(sizes) != len(view.outputs) or sum(sizes) != tensor.shape[axis] or min(sizes) < 1:
        yield f"{list(sizes)} are no parts of {tensor.shape[axis]} for {len(view.outputs)} outputs"
        return
    for output, size in zip(view.outputs, sizes, strict=True):
        part = [size] if keep else []
        yield from checks.shape(output, "an output", (*tensor.shape[:axis], *part, *tensor.shape[axis + 1 :]))


def part_calls(view: View, source: int, axis: int, sizes: Sequence[int]) -> tuple[Call, ...]:
    """One move for each output."""
    tensor = view.input(source)
    outer, inner = math.prod(tensor.shape[:axis]), math.prod(tensor.shape[axis + 1 :])
    steps = strides((outer, tensor.shape[axis], inner))
    starts = [sum(sizes[:i]) * inner for i in range(len(sizes))]
    moves = [Move((outer, size, inner), steps, start) for size, start in zip(sizes, starts, strict=True)]
    return tuple(move_call(move, tensor, source, i) for i, move in enumerate(moves))
