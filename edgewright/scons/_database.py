"""SCons' record of what it has built: a damaged one is forgotten, one that cannot be written is told as an error."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import SCons.dblite
import SCons.SConsign

from edgewright.errors import machine_error
from edgewright.scons import _ending


def guard(folder: Path) -> None:
    """Have SCons go on without its record where that is damaged, and end without a traceback where it has no place.

    Raises:
        OSError: nothing can be written to the folder of the record.
    """
    SCons.dblite.IGNORE_CORRUPT_DBFILES = True
    if not os.access(folder, os.W_OK):
        (folder / ".writable").touch()  # gives the system's own reason
    SCons.SConsign.write = _guarded(SCons.SConsign.write)


def _guarded(write: Callable[[], None]) -> Callable[[], None]:
    def guarded() -> None:
        try:
            write()
        except OSError as error:
            told = machine_error(error)
            if told is None:
                raise
            print(f"error: the record of this build could not be written: {told}", file=sys.stderr, flush=True)
            _ending.end_with(told.exit_code)

    return guarded
