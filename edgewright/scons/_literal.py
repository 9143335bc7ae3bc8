"""Names that SCons takes as they are written.

It replaces `$...` in names that it is given as text, `${...}` by what the braces give as Python.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from edgewright.errors import UserError


def files(env: Any, root: Path, paths: Iterable[str | Path]) -> list[Any]:
    """Nodes of files; relative paths are those of the project in `root`."""
    return [file(env, root / path) for path in paths]


def file(env: Any, path: str | Path) -> Any:
    """Node of a file; UserError where a folder lies in its place."""
    try:
        return env.fs.File(str(path))
    except TypeError as error:  # SCons' word for it
        hint = f"delete it: rm -r {shlex.quote(str(path))}"
        raise UserError(str(path), "is a folder, where a file has to be", hint=hint) from error


def text(words: str) -> str:
    """Text for where SCons takes nothing but text, and replaces variables in it."""
    return words.replace("$", "$$")
