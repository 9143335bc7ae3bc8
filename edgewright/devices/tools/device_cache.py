"""Folders that are costly to make and the same for all checkouts of a user: built once, whole, under a lock.

Beside each folder stands a record of its files. One that has lost a file, or holds another in its place, is made anew.
"""

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

from edgewright.errors import ToolError, UserError
from edgewright.files import canonical_json, read_json, sha256_file, write_json
from edgewright.home import cache_home

_SMALL = 8 << 20
"""Bytes up to which a folder is read whole each time: a hundredth of a second; plugins are far below."""


def recipe_hash(recipe: Mapping[str, Any]) -> str:
    """Hex SHA-256 of a recipe: all that shapes a folder, as JSON values."""
    return hashlib.sha256(canonical_json(dict(recipe)).encode()).hexdigest()


def ensure(name: str, recipe: Mapping[str, Any], build: Callable[[Path], None]) -> Path:
    """The folder of `recipe` in the cache, made by `build(empty folder)` when it is not there.

    It takes its name only when `build` ended well. A second process waits for the first; what a killed one left is
    removed, and a folder that is no longer what was built.

    Raises:
        ToolError: the cache cannot be written, or whatever `build` raises.
    """
    folder = cache_home().absolute() / "devices" / f"{name}-{recipe_hash(recipe)[:16]}"
    if folder.is_dir() and _is_whole(folder):
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _locked(folder):
            if not folder.is_dir() or not _is_whole(folder):
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
        if folder.is_dir():
            print(f"note: {folder} is damaged: it is made anew", file=sys.stderr, flush=True)
            shutil.rmtree(folder)
        write_json(_record(folder), _described(aside))
        aside.rename(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _record(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.json")


def _described(folder: Path) -> dict[str, Any]:
    """Size, time and hash of each file of a folder, by its path in it."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
    return {str(path.relative_to(folder)): [*_stamp(path), sha256_file(path)] for path in files}


def _is_whole(folder: Path) -> bool:
    """Whether each file is there and what it was: its content, in a large folder its size and time."""
    try:
        found = read_json(_record(folder))
        small = sum(facts[0] for facts in found.values()) <= _SMALL
        return all(_is_same(folder / name, *facts, read=small) for name, facts in found.items())
    except FileNotFoundError:
        return not _record(folder).exists()  # a folder without a record was made by an earlier version
    except (OSError, UserError, TypeError, AttributeError, LookupError):
        return False


def _is_same(path: Path, size: int, time_ns: int, digest: str, *, read: bool) -> bool:
    there = _stamp(path)
    return there[0] == size and ((there[1] == time_ns and not read) or sha256_file(path) == digest)


def _stamp(path: Path) -> list[int]:
    found = path.stat()
    return [found.st_size, found.st_mtime_ns]
