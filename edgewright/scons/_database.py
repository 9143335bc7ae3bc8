"""SCons' record of what it has built: a damaged one is forgotten, one that cannot be written is told as an error."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import SCons.dblite
import SCons.SConsign

from edgewright.errors import machine_error
from edgewright.scons import _ending

RECORD = ".sconsign"
_HALF = f"{RECORD}.tmp"
"""What SCons writes its record to before it gives it its name."""


def guard(folder: Path) -> None:
    """Have SCons go on without its record where that is damaged, and end without a traceback where it has no place.

    Raises:
        OSError: nothing can be written to the folder of the record.
    """
    SCons.dblite.IGNORE_CORRUPT_DBFILES = True
    if not os.access(folder, os.W_OK):
        _refused(folder)
    SCons.SConsign.write = _guarded(SCons.SConsign.write, folder)


def _refused(folder: Path) -> None:
    """OSError with the system's own reason why nothing can be written to a folder."""
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        error.filename, error.filename2 = str(folder), None
        raise


def _guarded(write: Callable[[], None], folder: Path) -> Callable[[], None]:
    def guarded() -> None:
        try:
            write()
        except OSError as error:
            error.filename = error.filename or str(folder)  # the system names no file when a disk is full
            told = machine_error(error)
            if told is None:
                raise
            with suppress(OSError):
                (folder / _HALF).unlink(missing_ok=True)
            print(f"error: the record of this build could not be written: {told}", file=sys.stderr, flush=True)
            _ending.end_with(told.exit_code)

    return guarded
