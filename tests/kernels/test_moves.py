"""Operators that move data on emulated boards, against numpy: pieces of every size, memory shared as far as may be."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from testbench.kernels import moves
from testbench.kernels.image import BOARDS, Case, run

pytestmark = pytest.mark.skipif(
    not (shutil.which("qemu-system-arm") and shutil.which("arm-none-eabi-gcc")), reason="no emulator or cross compiler"
)

WHOLE = slice(None)
PIECES = (1, 2, 3, 4, 6, 7, 8, 13, 16, 17, 32, 35, 64, 99)
"""Elements that lie together: some on each side of where a way to copy ends."""


def all_cases(dtype: str) -> Iterator[Case]:
    zero_point = -5 if dtype == "int8" else 0
    for size in PIECES:
        yield moves.strided_slice((2, 4, size + 1), (WHOLE, slice(0, 4, 2), slice(1, None)), dtype)
        yield moves.pad((2, 3, size), ((1, 0), (0, 2), (size % 3, size % 5)), dtype, zero_point)
        yield moves.concatenation(((3, size), (3, 40)), 1, dtype)
    yield moves.strided_slice((9, 6, 5), (slice(1, 8, 3), slice(None, None, -2), WHOLE), dtype)
    yield moves.strided_slice((7, 70), (slice(2, 5), WHOLE), dtype)
    yield moves.strided_slice((300,), (slice(1, None, 3),), dtype)
    yield moves.pad((9, 5, 4, 3), ((0, 0), (1, 1), (2, 0), (0, 0)), dtype, zero_point)
    yield moves.pad((40,), ((30, 70),), dtype, zero_point)
    yield moves.transpose((3, 5, 7, 4), (0, 3, 1, 2), dtype)
    yield moves.transpose((3, 5, 7, 40), (2, 0, 1, 3), dtype)


@pytest.mark.parametrize(
    ("board", "options"),
    [
        ("m0", {}),
        ("m4", {}),
        ("m55", {}),
        ("m3", {"optimize": "-O0"}),  # sizes that the compiler does not know
    ],
    ids=str,
)
def test_moves_on_boards(board: str, options: dict[str, str], tmp_path: Path) -> None:
    found = [case for dtype in ("int8", "int16") for case in all_cases(dtype)]
    outcomes = run(found, BOARDS[board], tmp_path, **options)
    assert len(outcomes) >= len(found)
    assert [f"{o.name}, input over output: {o.overlapping}" for o in outcomes if o.differing] == []
