"""Which files a model's data are: those of its own folder, and what its `sources()` names beside it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from edgewright.errors import UserError

DESCRIPTION = "model.toml"
"""Of a model's folder what counts otherwise: each stage depends on the sections that it reads."""


def own_files(folder: Path) -> list[Path]:
    """Every file of a model's folder that may decide what the model becomes, sorted.

    All but its model.toml, hidden files, what Python compiled, and what editors keep of earlier versions.
    """
    return sorted(path for path in _walk(folder) if path != folder / DESCRIPTION)


def expanded(paths: Iterable[Path], where: str) -> list[Path]:
    """The files among `paths`, and those in the folders among them, sorted.

    Raises:
        UserError: one of them is not there; `where` says who named it.
    """
    found: set[Path] = set()
    for path in map(Path, paths):
        if not path.exists():
            raise UserError(where, "names a file or folder that is not there", got=str(path))
        found.update(_walk(path) if path.is_dir() else (path,))
    return sorted(found)


def _walk(folder: Path) -> Iterator[Path]:
    """Files below a folder, also behind links to folders, each folder once."""
    seen: set[tuple[int, int]] = set()
    for place, folders, names in os.walk(folder, followlinks=True):
        here = os.stat(place)  # noqa: PTH116 - there may be many thousands
        if (here.st_dev, here.st_ino) in seen:
            folders.clear()
            continue
        seen.add((here.st_dev, here.st_ino))
        folders[:] = [name for name in folders if not name.startswith(".") and name != "__pycache__"]
        yield from (Path(place, name) for name in names if not name.startswith(".") and not name.endswith("~"))
