"""The machine: room on the disks, and the cache."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from edgewright.commands._doctor.finding import OK, WRONG, Finding
from edgewright.home import cache_home
from edgewright.units import format_bytes

GROUP = "machine"
ROOM = 2 << 30
"""Bytes that a build of all models and targets, and the system roots of emulated devices, may take."""


def findings(root: Path) -> Iterator[Finding]:
    """The cache, and the disks of the project, of the cache and of temporary files."""
    cache = cache_home()
    yield _cache(cache)
    places = {"disk of the project": root, "disk of the cache": _there(cache), "disk of $TMPDIR": _temporary()}
    for name, place in places.items():
        yield _disk(name, place)
    yield Finding(GROUP, "processors", OK, str(os.cpu_count()))


def _temporary() -> Path:
    return Path(tempfile.gettempdir())


def _there(path: Path) -> Path:
    """The folder, or the nearest above it that exists."""
    return next(each for each in (path, *path.absolute().parents) if each.is_dir())


def _cache(folder: Path) -> Finding:
    if not os.access(_there(folder), os.W_OK):
        fix = "give it to this user, or name another folder: EDGEWRIGHT_CACHE=..."
        return Finding(GROUP, "cache", WRONG, f"{folder} cannot be written", "finished artifacts", fix)
    size = sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else 0
    return Finding(GROUP, "cache", OK, f"{folder}, {format_bytes(size)}; scons clean-cache empties it")


def _disk(name: str, folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    text = f"{format_bytes(free)} free, {folder}"
    if free >= ROOM:
        return Finding(GROUP, name, OK, text)
    return Finding(GROUP, name, WRONG, text, fix=f"make room: a build may take {format_bytes(ROOM)}")
