"""Keeps what libraries print away from the user, and shows it when a stage fails.

In a worker (see `_worker`) the file descriptors 1 and 2 lead into a log, so that C++ code is caught too, and the two
streams of this module lead to the user. Elsewhere they are the usual streams.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from edgewright.text import lines

_streams: dict[str, TextIO] = {}
_MARK = "edgewright: "


def out() -> TextIO:
    """Where results and progress go."""
    return _streams.get("out", sys.stdout)


def err() -> TextIO:
    """Where error messages go."""
    return _streams.get("err", sys.stderr)


def say(line: str) -> None:
    """Print one line for the user."""
    print(lines(line), file=out(), flush=True)


@contextmanager
def doing(what: str) -> Iterator[None]:
    """While it lasts, the log says what is done: libraries may end the process, and then nobody else can tell."""
    _mark(what)
    yield
    _mark("")


def _mark(what: str) -> None:
    if _streams:
        print(f"{_MARK}{what}", file=sys.stderr, flush=True)


def said() -> str:
    """What libraries printed since `doing` began, fit for a terminal; empty where it goes to the user anyhow."""
    if not _streams:
        return ""
    sys.stderr.flush()
    return tail(sys.stderr.fileno()).rpartition(_MARK)[2].partition("\n")[2]


def done_last(log_fd: int) -> str:
    """What was being done when the process that wrote the log ended; empty when nothing was said."""
    marked = [line for line in tail(log_fd).splitlines() if line.startswith(_MARK)]
    return marked[-1].removeprefix(_MARK) if marked else ""


def redirect(out_fd: int, err_fd: int, log_fd: int) -> None:
    """Send this process's own output to `log_fd` from now on, and the user's lines to the other two."""
    for name, fd in (("out", out_fd), ("err", err_fd)):
        _streams[name] = os.fdopen(os.dup(fd), "w", buffering=1, encoding="utf-8", errors="replace")
    sys.stdout.flush()
    sys.stderr.flush()
    os.dup2(log_fd, 1)
    os.dup2(log_fd, 2)


def tail(log_fd: int, size: int = 16_000) -> str:
    """The last `size` bytes of the log, fit for a terminal."""
    length = os.fstat(log_fd).st_size
    return lines(os.pread(log_fd, size, max(0, length - size)).decode(errors="replace"))
