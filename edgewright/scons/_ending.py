"""SIGTERM and SIGHUP, passed on to the stages that run.

SCons, sent one of them, starts nothing more and waits for what runs, which may be hours of training. A terminal sends
Ctrl-C to the stages too; a service manager, a CI server or `kill` reach SCons alone.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PASSED_ON = (signal.SIGTERM, signal.SIGHUP)


def pass_on() -> None:
    """From now on, of this process; to be called in its main thread.

    It is told of signals by Python itself, whatever handlers there are and whatever the main thread waits for.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    threading.Thread(target=_listen, args=(reader,), daemon=True).start()


def _listen(reader: int) -> None:
    while received := os.read(reader, 1):
        if received[0] in PASSED_ON:
            for pid in descendants(os.getpid()):
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGTERM)


def descendants(pid: int) -> list[int]:
    """Children of a process and their children, as /proc has them; none on a system without it."""
    children: dict[int, list[int]] = {}
    for child, parent in _parents():
        children.setdefault(parent, []).append(child)
    found = list(children.get(pid, []))
    for each in found:  # it grows meanwhile
        found += children.get(each, [])
    return found


def _parents() -> Iterator[tuple[int, int]]:
    """Each process and its parent."""
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError, IndexError):
            state_and_parent = (entry / "stat").read_text().rpartition(")")[2].split()  # a name may hold anything
            yield int(entry.name), int(state_and_parent[1])
