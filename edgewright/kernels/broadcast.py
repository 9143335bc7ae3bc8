"""Two inputs of different shapes walked as four nested loops (the C struct `ew_binary_s8_shape`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from edgewright.tflite.graph import View

LOOPS = 4
"""That kernels walk."""


def broadcast_shape(a: Sequence[int], b: Sequence[int]) -> tuple[int, ...] | None:
    """The shape that two shapes broadcast to, None when they do not."""
    pairs = list(zip(*_padded(a, b), strict=True))
    if any(m != n and 1 not in (m, n) for m, n in pairs):
        return None
    return tuple(max(m, n) for m, n in pairs)


def loop_fields(a: Sequence[int], b: Sequence[int]) -> tuple[tuple[str, int], ...]:
    """Fields of `ew_binary_s8_shape`: neighbouring dimensions are one loop where both inputs allow it."""
    found = loops(a, b)
    found = [(1, False, False)] * (LOOPS - len(found)) + found
    sizes = [size for size, _, _ in found]
    steps = ([_step(found, i, side) for i in range(LOOPS)] for side in (1, 2))
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


def loops(a: Sequence[int], b: Sequence[int]) -> list[tuple[int, bool, bool]]:
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
