"""What a build says at its end and in its help."""

from __future__ import annotations

import atexit
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from edgewright.errors import EdgewrightError, UserErrors
from edgewright.scons import _ending
from edgewright.scons._options import Option, help_text
from edgewright.spec import Project
from edgewright.text import lines, plain

CLEAN_CACHE = "clean-cache"
SEARCH = "search"


def help_page(project: Project, table: Sequence[Option], goals: Mapping[str, str]) -> str:
    """The text of `scons -h`."""
    width = max(len(name) for name in (*project.targets, *project.models, *goals))
    targets = [f"  {name:<{width}}  {target.spec.description}" for name, target in sorted(project.targets.items())]
    models = [f"  {n:<{width}}  {m.spec.description if m.spec else ''}" for n, m in sorted(project.models.items())]
    aliases = [f"  {name:<{width}}  {text}" for name, text in goals.items()]
    sections = {"targets": targets, "models": models, "goals": aliases, "options": [help_text(table)]}
    body = "\n\n".join("\n".join([f"{title}:", *lines]) for title, lines in sections.items())
    return lines(f"Usage: scons [target=...] [model=...] [goal ...]\n\n{body}\n\nSCons' own options: scons -H\n")


def tell(error: EdgewrightError) -> None:
    """Print an error, or all the errors of one go, for people."""
    errors = error.errors if isinstance(error, UserErrors) else (error,)
    for each in errors:
        print(f"error: {each}", file=sys.stderr)


def remark(notes: Iterable[str]) -> None:
    """Print what the user should know and need not mend."""
    for note in notes:
        print(f"note: {plain(note)}", file=sys.stderr)


def print_report(path: str) -> Any:
    """An SCons action that prints the table of a finished report."""

    def action(**_: Any) -> None:
        print("\n" + lines(Path(path).read_text(encoding="utf-8")))

    return action


def finish_with(get_failures: Any, scratch: Path) -> None:
    """At the end of scons remove `scratch`, and let a broken budget or a lost device be known by the exit status."""

    def finish() -> None:
        shutil.rmtree(scratch, ignore_errors=True)
        statuses = {failure.status for failure in get_failures() if failure}
        if len(statuses) == 1 and (status := statuses.pop()) in (3, 4, 5):
            _ending.end_with(status)  # SCons itself knows no status but 2 for a failed command

    atexit.register(finish)
