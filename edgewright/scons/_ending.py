"""How a build ends that was told to: SIGTERM and SIGHUP are passed on to the stages that run, Ctrl-C ends with a line.

SCons, sent SIGTERM or SIGHUP, starts nothing more and waits for what runs, which may be hours of training. A terminal
sends Ctrl-C to the stages too; a service manager, a CI server or `kill` reach SCons alone. After Ctrl-C it says in four
lines that it ends, and ends as after an error.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from edgewright import interrupts

PASSED_ON = (signal.SIGTERM, signal.SIGHUP)
INTERRUPTED = interrupts.INTERRUPTED

_LAST = b"\0"  # no signal has this number

ends = threading.Event()
"""Set when the build was told to end: work on other machines is given up."""

_interrupted = threading.Event()
_status: list[int] = []


def end_with(status: int) -> None:
    """Have the process end with this exit status, whatever SCons makes of it."""
    _status.append(status)


@cache
def watch() -> None:
    """From now on, once, of this process; to be called in its main thread, before other exit handlers are registered.

    It is told of signals by Python itself, whatever handlers there are and whatever the main thread waits for.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    listener = threading.Thread(target=_listen, args=(reader,), daemon=True)
    listener.start()
    atexit.register(_end, writer, listener)
    interrupts.raise_again(_interrupt)


def _listen(reader: int) -> None:
    while (received := os.read(reader, 1)) and received != _LAST:
        if received[0] in (*PASSED_ON, signal.SIGINT):
            ends.set()
        if received[0] in PASSED_ON:
            for pid in descendants(os.getpid()):
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGTERM)
        elif received[0] == signal.SIGINT:
            _interrupt()


def _interrupt() -> None:
    """Note it, and let nobody read what SCons has to say of it."""
    if not _interrupted.is_set():
        _interrupted.set()
        sys.stdout = sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - to the end of the process


def _end(writer: int, listener: threading.Thread) -> None:
    """The last exit handler: hears out the listener, then gives the process its status."""
    os.write(writer, _LAST)
    listener.join()
    if _interrupted.is_set() and sys.__stdout__ and sys.__stderr__:
        sys.__stdout__.flush()
        print("interrupted: the next build goes on after what is finished", file=sys.__stderr__, flush=True)
        os._exit(INTERRUPTED)
    if _status:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(_status[0])


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
