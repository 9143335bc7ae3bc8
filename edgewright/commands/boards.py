"""Lists the boards that a target can name, what they are, and how far a model gets on each.

edgewright boards [--json | --page]
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from edgewright.command_line import run
from edgewright.home import home
from edgewright.spec import Board, boards_of
from edgewright.templates import markdown
from edgewright.text import plain
from edgewright.units import format_bytes

SUMMARY = "the boards that a target can name, and how far a model gets on each"
COLUMNS = ("board", "core", "clock", "flash", "RAM", "port", "what is done")

HEAD = """# Boards

What targets/boards/ holds, made by `edgewright boards --page > docs/boards.md`. For a microcontroller every model is
compiled, linked and sized: flash, RAM and the deepest stack, exactly. What more there is:

| what is done | what that means |
|---|---|
| emulated | an emulator runs the firmware: answers are this machine's to the byte, instructions are counted |
| built | the port builds a firmware that is flashed and measured over a serial line; no test has run it on the board |
| sized | there is no port: the model is linked with a minimal start-up, which the product's own replaces |
| in an emulated system | a program of a Linux-class board or phone runs under emulation |

Of a microcontroller that is built or sized, instructions and the estimated time come from an emulated board of the same
core, where there is one: the same code runs there ([latency.md](latency.md)).

None of these boards is attached where the tests run, so that none says `run on hardware`.

Facts are those of the vendors' documents, which each board's file names as its `source`. Memory is the one region of
flash and of RAM that the linker script lays out; comments in the file tell what lies apart. A missing board is one such
file ([firmware.md](firmware.md)).

"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    arguments = parser().parse_args(argv)
    if arguments.page:
        print(page(), end="")
    else:
        boards = boards_of(Path.cwd(), home())
        print(json.dumps(facts(boards), indent=2) if arguments.json else _table(boards))
    return 0


def parser() -> argparse.ArgumentParser:
    """What it takes."""
    made = argparse.ArgumentParser(prog="edgewright boards", description=__doc__)
    made.add_argument("--json", action="store_true", help="for programs: all that the files say")
    made.add_argument("--page", action="store_true", help="the boards of Edgewright as docs/boards.md")
    return made


def page() -> str:
    """The text of docs/boards.md: the boards of Edgewright itself."""
    boards = boards_of(home(), home())
    lines = [_line(COLUMNS), "|---" * len(COLUMNS) + "|"]
    lines += [_line([markdown(cell) for cell in row]) for row in _rows(boards)]
    sources = [f"- `{name}`: {markdown(board.source)}" for name, board in boards.items() if board.source]
    return HEAD + "\n".join([*lines, "", "## Sources", "", *sources, ""])


def facts(boards: Mapping[str, Board]) -> dict[str, Any]:
    """Of each board what its file says, in bytes and Hz, and how far a model gets."""
    return {name: {**board.model_dump(mode="json"), "done": done(board)} for name, board in boards.items()}


def done(board: Board) -> str:
    """How far a model gets on a board."""
    if not board.is_microcontroller:
        return "in an emulated system" if board.emulator else "on the board alone"
    if board.emulator:
        return "emulated"
    return "built" if board.port else "sized"


def _rows(boards: Mapping[str, Board]) -> Iterator[tuple[str, ...]]:
    for name, board in boards.items():
        memory = board.memory
        flash, ram = (memory.flash.size, memory.ram.size) if memory else (None, board.ram)
        sizes = ["" if size is None else format_bytes(size) for size in (flash, ram)]
        yield (name, board.core.cpu, f"{board.core.clock / 1e6:g} MHz", *sizes, board.port or "", done(board))


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _table(boards: Mapping[str, Board]) -> str:
    rows = [COLUMNS, *(tuple(map(plain, row)) for row in _rows(boards))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
    return "\n".join(lines)


if __name__ == "__main__":
    run(main)
