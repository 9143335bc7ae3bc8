"""Temporary folders of processes that may be killed: what one leaves, the next that asks for a folder clears away.

Who has a folder holds a lock on a file in it. The kernel lets go of the lock when the process ends, however it ends, so
a folder whose lock can be taken belongs to nobody. One without the file, or of another user, is left alone.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "edgewright-of-"
OWNER = ".owner"
"""The file that is locked."""


def make() -> Path:
    """A new folder, of this process until it ends; OSError where there is no place for one."""
    return _made()[0]


@contextmanager
def kept() -> Iterator[Path]:
    """The same, of a block, with which it goes."""
    folder, lock = _made()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _made() -> tuple[Path, int]:
    """The folder, and what holds the lock for as long as it is open."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    lock = os.open(folder / f"{OWNER}.new", os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with suppress(OSError):  # a file system without locks: then it is left, if this process is killed
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        (folder / f"{OWNER}.new").rename(folder / OWNER)  # now, so that nobody sees it unlocked
        _clear(folder.parent)
    return folder, lock


def _clear(place: Path) -> None:
    """Remove the folders in `place` that are this user's and no process's."""
    with os.scandir(place) as entries:
        found = [Path(entry.path) for entry in entries if entry.name.startswith(PREFIX)]
    for folder in found:
        with suppress(OSError):
            _clear_one(folder)


def _clear_one(folder: Path) -> None:
    """OSError: it has an owner, or is none of ours."""
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        return
    lock = os.open(folder / OWNER, os.O_RDWR | os.O_NOFOLLOW)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)
