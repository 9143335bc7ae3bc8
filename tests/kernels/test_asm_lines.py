"""Assembly in kernels is no longer than the compiler takes it for.

GCC counts its lines, four bytes each, and places constants and branches by that: where `.rept` makes more of them, a
load may not reach its constant any more, and the file does not compile, in some networks and for some cores.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from testbench.kernels import cases
from testbench.kernels.image import BOARDS, Board, Case, source, translate
from tests.kernels.test_dsp import all_cases as dsp_cases
from tests.kernels.test_mve_and_swar import ISAS, all_cases, needs_emulator

_BEGIN = re.compile(r'@ (\d+) "[^"]*?([^"/]+)" 1$')
_END = '@ 0 "" 2'


@dataclass(frozen=True)
class Block:
    """An __asm__ statement in the compiler's output: where it is written, its lines and bytes."""

    place: str
    lines: int
    size: int


def blocks(assembly: str, board: Board, folder: Path) -> list[Block]:
    """All of them, assembled between two labels each."""
    labelled: list[str] = []
    found: list[tuple[str, int]] = []
    since = None
    for line in assembly.splitlines():
        if begun := _BEGIN.match(line):
            labelled.append(f"begin_{len(found)}:")
            since, place = len(labelled), f"{begun[2]}:{begun[1]}"
        elif line == _END and since is not None:
            found.append((place, len(labelled) - since - 1))
            labelled.append(f"end_{len(found) - 1}:")
            since = None
        labelled.append(line)
    (folder / "labelled.s").write_text("\n".join(labelled) + "\n")
    at = addresses(folder, board)
    return [Block(place, lines, at[f"end_{i}"] - at[f"begin_{i}"]) for i, (place, lines) in enumerate(found)]


def addresses(folder: Path, board: Board) -> dict[str, int]:
    """Labels of labelled.s within their sections."""
    program = folder / "labelled.o"
    command = ["arm-none-eabi-gcc", *board.flags, "-c", str(folder / "labelled.s"), "-o", str(program)]
    subprocess.run(command, check=True)
    listed = subprocess.run(["arm-none-eabi-nm", str(program)], capture_output=True, text=True, check=True).stdout
    rows = (line.split() for line in listed.splitlines())
    return {row[2]: int(row[0], 16) for row in rows if len(row) == 3}


def every(board: str) -> Iterator[Case]:
    """All cases of the core's kernels, and on those that unroll windows the longest."""
    if board == "m4":
        yield from dsp_cases()
        return
    yield from all_cases(ISAS[board])
    if board == "m0":
        for kernel in ((127, 1), (1, 127), (11, 11), (7, 5), (4, 4), (42, 3)):
            yield cases.convolution((1, kernel[0], kernel[1], 4), 4, kernel, "m0", depthwise=True)


@needs_emulator
@pytest.mark.parametrize("board", [*ISAS, "m4"])
def test_no_longer_than_its_lines(board: str, tmp_path: Path) -> None:
    (tmp_path / "cases.c").write_text(source(list(every(board))))
    translate(tmp_path, tmp_path / "cases.s", BOARDS[board])
    found = blocks((tmp_path / "cases.s").read_text(), BOARDS[board], tmp_path)
    assert len(found) > 20
    assert sorted({(b.place, b.size, 4 * b.lines) for b in found if b.size > 4 * b.lines}) == []
