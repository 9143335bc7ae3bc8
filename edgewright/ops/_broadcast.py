"""Two inputs of different shapes walked as four nested loops (the C struct `ew_binary_s8_shape`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from edgewright.ops import _check
from edgewright.tflite.graph import View

_LOOPS = 4


def check_binary(view: View) -> Iterator[str]:
    """Two int8 inputs that broadcast to the int8 output, in at most four loops."""
    faults: list[str] = []
    for tensor, what in ((view.input(0), "first input"), (view.input(1), "second input"), (view.output(), "output")):
        faults += _check.int8(tensor, what)
    faults += _check.activation(view)
    yield from faults or check_shapes(view)


def check_shapes(view: View) -> Iterator[str]:
    """Two inputs that broadcast to the output, in at most four loops."""
    faults = list(_check.not_empty(view))
    if faults:
        yield from faults
        return
    a, b = view.input(0).shape, view.input(1).shape
    expected = broadcast_shape(a, b)
    if expected is None or view.output().shape != expected:
        yield f"inputs of shapes {list(a)} and {list(b)} do not broadcast to {list(view.output().shape)}"
    elif len(_loops(a, b)) > _LOOPS:
        yield f"inputs of shapes {list(a)} and {list(b)} are broadcast along too many dimensions in turn"


def broadcast_shape(a: Sequence[int], b: Sequence[int]) -> tuple[int, ...] | None:
    """The shape that two shapes broadcast to, None when they do not."""
    pairs = list(zip(*_padded(a, b), strict=True))
    if any(m != n and 1 not in (m, n) for m, n in pairs):
        return None
    return tuple(max(m, n) for m, n in pairs)


def loop_fields(a: Sequence[int], b: Sequence[int]) -> tuple[tuple[str, int], ...]:
    """Fields of `ew_binary_s8_shape`: neighbouring dimensions are one loop where both inputs allow it."""
    loops = _loops(a, b)
    loops = [(1, False, False)] * (_LOOPS - len(loops)) + loops
    sizes = [size for size, _, _ in loops]
    steps = ([_step(loops, i, side) for i in range(_LOOPS)] for side in (1, 2))
    return tuple(
        (f"{letter}{i}", value)
        for letter, values in zip("nab", (sizes, *steps), strict=True)
        for i, value in enumerate(values)
    )


def same_place(view: View) -> Mapping[int, int]:
    """Overlap of kernels that read element i of both inputs before they write it; a broadcast input is read again."""
    return {i: 0 for i in range(2) if view.input(i).elements == view.output().elements}


def _padded(a: Sequence[int], b: Sequence[int]) -> tuple[list[int], list[int]]:
    rank = max(len(a), len(b))
    return [1] * (rank - len(a)) + list(a), [1] * (rank - len(b)) + list(b)


def _loops(a: Sequence[int], b: Sequence[int]) -> list[tuple[int, bool, bool]]:
    """(size, whether the first input moves, whether the second one does), outermost first."""
    loops: list[tuple[int, bool, bool]] = []
    for m, n in zip(*_padded(a, b), strict=True):
        size, moves = max(m, n), (m > 1, n > 1)
        if size == 1:
            continue
        if loops and loops[-1][1:] == moves:
            loops[-1] = (loops[-1][0] * size, *moves)
        else:
            loops.append((size, *moves))
    return loops


def _step(loops: Sequence[tuple[int, bool, bool]], index: int, side: int) -> int:
    step = int(loops[index][side])
    for loop in loops[index + 1 :]:
        step *= loop[0] if loop[side] else 1
    return step
