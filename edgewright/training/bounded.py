"""Work on a file that a stranger may have made: in a child, which ends when it takes too long or too much memory."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from edgewright import command_line
from edgewright.errors import ToolError
from edgewright.forked.server import die_with
from edgewright.training import quiet
from edgewright.units import format_bytes

INTERVAL_S = 0.1
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Bounds:
    """What a piece of work may take: seconds of wall time, bytes of memory of all its processes."""

    seconds: float
    memory: int


SECONDS, MEMORY = 600.0, 4 << 30
"""What every import may take; each byte of the files adds to it."""
_SECONDS_A_BYTE, _BYTES_A_BYTE = 2e-6, 24


def of_import(files: Iterable[Path]) -> Bounds:
    """What work on these files may take."""
    size = sum(path.stat().st_size for path in files)
    return Bounds(SECONDS + _SECONDS_A_BYTE * size, MEMORY + _BYTES_A_BYTE * size)


def bounded(work: Callable[[], None], bounds: Bounds, where: str) -> None:
    """Run `work` in a child, whose files are what it gives. It must be called before TensorFlow has run anything.

    An error of the work has been told when this raises SystemExit with its exit code; a child that is killed takes this
    process along with the same signal.

    Raises:
        ToolError: it took more than its bounds.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        die_with(parent)
        os._exit(_work(work))
    status = _watch(child, bounds, where)
    if os.WIFSIGNALED(status):
        os.kill(parent, os.WTERMSIG(status))
    if code := os.waitstatus_to_exitcode(status):
        raise SystemExit(code)


def _work(work: Callable[[], None]) -> int:
    def main(_: object) -> int:
        work()
        return 0

    code = command_line.guarded(main, None, quiet.err())
    for stream in (sys.stdout, sys.stderr, quiet.out(), quiet.err()):
        stream.flush()
    return code


def _watch(child: int, bounds: Bounds, where: str) -> int:
    """The status with which the child ends."""
    begun, most = time.monotonic(), 0
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status
        taken, most = time.monotonic() - begun, max(most, memory_of(child))
        if taken > bounds.seconds or most > bounds.memory:
            _end(child)
            what = f"{taken:.0f} s" if taken > bounds.seconds else f"{format_bytes(most)} of memory"
            hint = "convert it to .tflite yourself, with the tools of its framework, and bring that"
            limits = f"{bounds.seconds:.0f} s and {format_bytes(bounds.memory)}"
            raise ToolError(
                f"{where}: its import took {what}, allowed for a model of its size: {limits}\n  hint: {hint}"
            )
        time.sleep(INTERVAL_S)


def _end(child: int) -> None:
    for process in (*descendants(child), child):
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            continue
    os.waitpid(child, 0)


def memory_of(process: int) -> int:
    """Bytes of memory in use by a process and those that it started, pages that they share counted for each."""
    return sum(map(_resident, (process, *descendants(process))))


def descendants(process: int) -> Iterator[int]:
    """Processes that a process started, and those that these did."""
    try:
        tasks = [(task / "children").read_text() for task in Path(f"/proc/{process}/task").iterdir()]
    except OSError:
        return
    for child in map(int, " ".join(tasks).split()):
        yield child
        yield from descendants(child)


def _resident(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0
