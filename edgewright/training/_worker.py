"""The process in which a TensorFlow stage does its work: a forked child of the command itself or of the warm server."""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from edgewright import command_line, scratch
from edgewright.training import quiet

SOCKET = "EDGEWRIGHT_WARM"  # the variable with the path of the build's warm server: in a folder of that build alone


def work(stage: str, argv: Sequence[str], out_fd: int, err_fd: int, log_fd: int) -> int:
    """Run `main(argv)` of the module `stage`; give its exit code.

    What libraries print goes to the log, and to the user only when there is a bug: a message for people says enough.
    """
    quiet.redirect(out_fd, err_fd, log_fd)
    with _temporary_files():
        code = command_line.guarded(importlib.import_module(stage).main, argv, quiet.err())
    sys.stdout.flush()
    sys.stderr.flush()
    if code == 1:
        print(quiet.tail(log_fd), file=quiet.err())
    quiet.out().flush()
    quiet.err().flush()
    return code


@contextmanager
def _temporary_files() -> Iterator[None]:
    """A folder for the temporary files of this process, which goes with them.

    TensorFlow writes the Python that it makes of functions, and removes it in an exit handler, which a forked child
    does not run. In a build the folder is in the build's own, so that it goes when the child is killed, too.
    """
    build = Path(os.environ.get(SOCKET, "")).parent
    place = build if build.is_absolute() and build.is_dir() else None
    with _folder(place) as folder:
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
        yield


@contextmanager
def _folder(build: Path | None) -> Iterator[Path]:
    if build is None:
        with scratch.kept() as folder:
            yield folder
    else:
        with tempfile.TemporaryDirectory(prefix="edgewright-", dir=build, ignore_cleanup_errors=True) as name:
            yield Path(name)
