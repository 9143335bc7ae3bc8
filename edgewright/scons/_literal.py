"""Names that SCons takes as they are written.

It replaces `$...` in names that it is given as text, `${...}` by what the braces give as Python.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any


def files(env: Any, root: Path, paths: Iterable[str | Path]) -> list[Any]:
    """Nodes of files; relative paths are those of the project in `root`."""
    return [env.fs.File(str(root / path)) for path in paths]


def text(words: str) -> str:
    """Text for where SCons takes nothing but text, and replaces variables in it."""
    return words.replace("$", "$$")
