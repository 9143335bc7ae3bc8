"""Folders that are costly to make and the same for all checkouts of a user: built once, whole, under a lock."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from edgewright.errors import ToolError
from edgewright.files import canonical_json
from edgewright.home import cache_home


def recipe_hash(recipe: Mapping[str, Any]) -> str:
    """Hex SHA-256 of a recipe: all that shapes a folder, as JSON values."""
    return hashlib.sha256(canonical_json(dict(recipe)).encode()).hexdigest()


def ensure(name: str, recipe: Mapping[str, Any], build: Callable[[Path], None]) -> Path:
    """The folder of `recipe` in the cache, made by `build(empty folder)` when it is not there.

    It takes its name only when `build` ended well. A second process waits for the first; what a killed one left is
    removed.

    Raises:
        ToolError: the cache cannot be written, or whatever `build` raises.
    """
    folder = cache_home().absolute() / "devices" / f"{name}-{recipe_hash(recipe)[:16]}"
    if folder.is_dir():
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _locked(folder):
            if not folder.is_dir():
                _build(folder, build)
    except OSError as error:
        hint = "set EDGEWRIGHT_CACHE to a folder on a disk with space that you may write to"
        raise ToolError(f"the cache cannot be written: {error}\n  hint: {hint}") from error
    return folder


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with folder.with_name(f".{folder.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"waiting for another build to make {folder.name}", file=sys.stderr, flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(folder: Path, build: Callable[[Path], None]) -> None:
    for left in folder.parent.glob(f".{folder.name}.*.part"):
        shutil.rmtree(left, ignore_errors=True)
    aside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}.", suffix=".part"))
    try:
        build(aside)
        aside.chmod(0o755)
        aside.rename(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
