"""One measurement at a time on a device, across all builds of a user on this machine.

The lock is the kernel's, so it cannot outlive its holder: what a killed build leaves is a note of who it was, which the
next one tells and replaces. What is written in the note is for people.
"""

from __future__ import annotations

import fcntl
import getpass
import hashlib
import json
import os
import re
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from edgewright.errors import DeviceError, ToolError
from edgewright.home import cache_home

PATIENCE_S = 3600.0
"""How long a build waits for a device that another one measures on."""
_PAUSE_S = 0.2


def lock_path(identity: str) -> Path:
    """The lock file of a device."""
    readable = re.sub(r"[^A-Za-z0-9._@-]+", "-", identity)[:60]
    digest = hashlib.sha256(identity.encode()).hexdigest()[:8]
    return cache_home() / "locks" / f"{readable}-{digest}.lock"


@contextmanager
def hold(identity: str, what: str) -> Iterator[None]:
    """Have a device to oneself; waits for whoever has it.

    Args:
        identity: names the device, the same in every build.
        what: what it is needed for, for the others to read.

    Raises:
        DeviceError: it was busy for too long.
        ToolError: the lock cannot be written.
    """
    with _open(lock_path(identity)) as file:
        _acquire(file, identity)
        if left := _note(file):
            print(f"note: {left} has left its lock on {identity}; it is void", file=sys.stderr, flush=True)
        _write(file, what)
        try:
            yield
        finally:
            file.truncate(0)


def holder(identity: str) -> str | None:
    """Who has a device now, in words; None when nobody has."""
    path = lock_path(identity)
    if not path.is_file():
        return None
    with path.open("r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return _note(file) or "another build"
    return None


def _open(path: Path) -> IO[str]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        return path.open("r+")
    except OSError as error:
        hint = "set EDGEWRIGHT_CACHE to a folder that you may write to"
        raise ToolError(f"the lock of a device cannot be written: {error}\n  hint: {hint}") from None


def _acquire(file: IO[str], identity: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    told = False
    while True:
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            who = _note(file) or "another build"
        if time.monotonic() > deadline:
            raise DeviceError(f"{identity}: busy with {who} for more than {PATIENCE_S / 60:.0f} minutes")
        if not told:
            print(f"waiting for {identity}: busy with {who}", flush=True)
        told = True
        time.sleep(_PAUSE_S)


def _write(file: IO[str], what: str) -> None:
    note = {
        "what": what,
        "pid": os.getpid(),
        "user": getpass.getuser(),
        "host": socket.gethostname(),
        "since": time.strftime("%H:%M:%S"),
    }
    file.seek(0)
    file.truncate()
    file.write(json.dumps(note))
    file.flush()


def _note(file: IO[str]) -> str | None:
    file.seek(0)
    try:
        note = json.loads(file.read())
        return f"{note['what']} (process {note['pid']} of {note['user']} on {note['host']}, since {note['since']})"
    except (ValueError, KeyError, TypeError):
        return None
