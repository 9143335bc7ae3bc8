"""A stage that runs on a worker: what it says is passed on at once, and it ends when nobody waits for it any more."""

from __future__ import annotations

import ctypes
import os
import selectors
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from edgewright.executors import Host

_BLOCK = 1 << 16
_PAUSE_S = 0.2
_GRACE_S = 3.0
_PDEATHSIG = 1  # <linux/prctl.h>
_LIBC = ctypes.CDLL(None)


class Running:
    """A stage's process.

    Args:
        words: its command line.
        place: the folder that it works in.
        environment: its environment.
        live: the file in which it tells what it does.
    """

    def __init__(self, words: Sequence[str], place: Path, environment: Mapping[str, str], live: Path) -> None:
        self._live = live
        self._told = 0
        self._said = [0, 0]
        self._process = subprocess.Popen(
            list(words),
            cwd=place,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=_die_with_worker,  # noqa: PLW1509 - one system call, whose function is known before
        )

    def to_its_end(self, host: Host) -> tuple[int, list[int]]:
        """Pass on what it says; gives its exit status, as a shell has it, and how much it said in either stream."""
        ended = os.pidfd_open(self._process.pid)
        with selectors.DefaultSelector() as events, self._process:
            for stream, pipe in enumerate((self._process.stdout, self._process.stderr)):
                number = pipe.fileno() if pipe else -1
                os.set_blocking(number, False)
                events.register(number, selectors.EVENT_READ, stream)
            events.register(ended, selectors.EVENT_READ, None)
            try:
                self._follow(events, host)
            finally:
                os.close(ended)
                self._end()
        status = self._process.returncode
        return status if status >= 0 else 128 - status, self._said

    def _follow(self, events: selectors.BaseSelector, host: Host) -> None:
        over = False
        while not over and host.is_wanted():
            for key, _ in events.select(_PAUSE_S):
                if key.data is None:
                    over = True
                elif not self._pass_on(key.fd, key.data, host):
                    events.unregister(key.fd)
            self._look_on(host)
        for key in list(events.get_map().values()):
            while key.data is not None and self._pass_on(key.fd, key.data, host):
                pass
        self._look_on(host)

    def _pass_on(self, pipe: int, stream: int, host: Host) -> bool:
        """Pass on a block; False when there is none."""
        try:
            block = os.read(pipe, _BLOCK)
        except BlockingIOError:
            return False
        if block:
            host.tell({"kind": "log", "stream": stream, "at": self._said[stream], "text": block})
            self._said[stream] += len(block)
        return bool(block)

    def _look_on(self, host: Host) -> None:
        """Pass on whole lines of what it tells to those who look on."""
        with suppress(OSError):
            if self._live.stat().st_size > self._told:
                with self._live.open("rb") as file:
                    file.seek(self._told)
                    lines = file.read()
                whole = lines[: lines.rfind(b"\n") + 1]
                self._told += len(whole)
                if whole:
                    host.tell({"kind": "live", "lines": whole})

    def _end(self) -> None:
        """End it and what it started, where it has not ended by itself."""
        if self._process.poll() is None:
            self._signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_GRACE_S)
        self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)


def _die_with_worker() -> None:
    _LIBC.prctl(_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
