"""What is known to be set up: one small file in .venv, and the lock that keeps two set-ups apart."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from say import say


@dataclass
class State:
    """The content of the state file.

    Attributes:
        packages: key of the Python packages that are installed; None while they are being changed, so that
            a set-up that was killed is never taken for whole.
        python: "major.minor" of the environment's Python.
        root: folder of the project when the environment was made: its scripts hold that path.
        present: system packages that were found or installed.
        absent: system packages that were missing when last looked for, and could not be installed.
        without_root: whether they could not be because it was not root that asked.
    """

    packages: str | None = None
    python: str = ""
    root: str = ""
    present: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    without_root: bool = False

    def save(self, venv: Path) -> None:
        """Write the state file, whole or not at all."""
        venv.mkdir(exist_ok=True)
        aside = _file(venv).with_suffix(".tmp")
        aside.write_text(json.dumps(asdict(self), indent=2) + "\n")
        aside.replace(_file(venv))


def load(venv: Path) -> State:
    """The state of an environment; an empty one when there is no state file or it cannot be read."""
    try:
        return State(**json.loads(_file(venv).read_text()))
    except (OSError, ValueError, TypeError):
        return State()


def clear(venv: Path) -> None:
    """Empty the folder `venv`; the folder itself stays, it may be a link to a larger disk."""
    for entry in sorted(venv.iterdir(), key=lambda path: path != _file(venv)) if venv.is_dir() else ():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


@contextmanager
def locked(folder: Path) -> Iterator[int]:
    """Hold the set-up lock of a project folder.

    Yields the lock's file descriptor. A child that inherits it keeps the lock for as long as it lives, also
    when this process is killed: the next set-up then waits until nobody writes to .venv any more.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another sconsw that is setting up")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def _file(venv: Path) -> Path:
    return venv / "sconsw.json"
