"""Shows the figures of the last builds, from the project's history.

edgewright history [--target rpi] [--model m] [--last 20] [--json]
"""

from __future__ import annotations

import argparse
import io
import json
from collections.abc import Sequence
from pathlib import Path

from edgewright.command_line import run
from edgewright.pipeline import HISTORY
from edgewright.report import history
from edgewright.text import lines as shown

SUMMARY = "the figures of the last builds and commits"
_WIDTH = 120


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    arguments = parser().parse_args(argv)
    found = history.read(arguments.file, arguments.target, arguments.model)[-max(1, arguments.last) :]
    print(json.dumps(found, indent=2) if arguments.json else _table(found, arguments.file))
    return 0


def parser() -> argparse.ArgumentParser:
    """What it takes."""
    made = argparse.ArgumentParser(prog="edgewright history", description=__doc__)
    made.add_argument("--target", help="of one target alone")
    made.add_argument("--model", help="of one model alone")
    made.add_argument("--last", type=int, default=20, metavar="N", help="how many builds; 20 by default")
    made.add_argument("--file", type=Path, default=Path(HISTORY), metavar="FILE", help=f"{HISTORY} by default")
    made.add_argument("--json", action="store_true", help="for programs")
    return made


def _table(found: Sequence[history.Line], file: Path) -> str:
    if not found:
        return f"no builds: each build adds its figures to {file}"
    from rich import box
    from rich.console import Console
    from rich.table import Table

    keys = [key for key in history.FIGURES if any(key in line["figures"] for line in found)]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for title in ("build", "commit", "date"):
        table.add_column(title)
    for key in keys:
        table.add_column(history.title_of(key, found), justify="right")
    for line in found:
        table.add_row(
            f"{line['target']}/{line['model']}",
            history.commit_of(line),
            str(line.get("date") or "-"),
            *_cells(line, keys),
        )
    file_like = io.StringIO()
    Console(file=file_like, width=_WIDTH, color_system=None, markup=False, emoji=False).print(table)
    return shown(file_like.getvalue().rstrip())


def _cells(line: history.Line, keys: Sequence[str]) -> list[str]:
    values = [(history.FIGURES[key], line["figures"].get(key)) for key in keys]
    return ["-" if value is None else history.text_of(figure, value, line) for figure, value in values]


if __name__ == "__main__":
    run(main)
