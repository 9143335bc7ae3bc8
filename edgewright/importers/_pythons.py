"""Where a Python of some version is on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_VERSION = "import sys; print(*sys.version_info[:2], sep='.')"
_TIMEOUT_S = 20


def python(version: str) -> str:
    """The first that runs and is of this version, "3.12"; the version itself where none is found.

    A program of that name may be there and not run: pyenv puts one on the PATH for each version that it has installed,
    and lets those run that are chosen.
    """
    return next((str(path) for path in _candidates(version) if _version(path) == version), version)


def _candidates(version: str) -> Iterator[Path]:
    yield Path(sys.executable)
    folders = [Path(folder) for folder in os.get_exec_path() if folder]
    yield from (folder / f"python{version}" for folder in folders)
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from sorted(pyenv.glob(f"versions/{version}.*/bin/python"))


def _version(path: Path) -> str:
    """That of a program, or nothing."""
    if not path.is_file():
        return ""
    try:
        done = subprocess.run([path, "-c", _VERSION], capture_output=True, text=True, check=False, timeout=_TIMEOUT_S)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
