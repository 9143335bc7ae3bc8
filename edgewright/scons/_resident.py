"""The resident process of a build: has imported what stages import, and forks a child for each of them.

To start Python and to import what a stage needs takes longer than most stages work. What two stages have imported, the
resident imports once for all that follow; each stage still is a process of its own, which ends with it. Without it, or
where it was killed, stages are started as programs.
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from edgewright.forked import client

SERVER = "edgewright.scons._stage_server"


class Resident:
    """The build's side of it; stages of several threads run at once.

    Args:
        socket: where it listens, in a folder that is there; the first stage starts it.
        python: the program that runs stages.
        environment: that of stages.
    """

    def __init__(self, socket: Path, python: str, environment: Mapping[str, str]) -> None:
        self._socket = socket
        self._python = python
        self._environment = dict(environment)
        self._folder = Path.cwd()
        self._started: list[subprocess.Popen[bytes]] = []
        self._ended = threading.Event()

    def run(self, words: Sequence[str], environment: Mapping[str, str]) -> int | None:
        """Run `python -m` with these words; gives the exit code, below 0 for a signal. None: it is to be started."""
        if self._ended.is_set() or not self._would_do(environment):
            return None
        request = {"words": list(words), "env": dict(environment)}
        return client.run(self._socket, self._start, request, range(client.FILES))

    def close(self) -> None:
        """End it, and whatever it still runs."""
        self._ended.set()
        for process in self._started:
            process.kill()
            process.wait()

    def _would_do(self, environment: Mapping[str, str]) -> bool:
        """Whether a program would start as the resident did: the same Python, folder and settings of libraries."""
        return Path.cwd() == self._folder and _settings(environment) == _settings(self._environment)

    def _start(self, listener: int) -> None:
        process = subprocess.Popen(
            [self._python, "-m", SERVER, str(listener), str(os.getpid())],
            env=self._environment,
            pass_fds=[listener],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._started.append(process)


def _settings(environment: Mapping[str, str]) -> dict[str, str]:
    """All but what stages alone read, and when they run."""
    return {name: value for name, value in environment.items() if not name.startswith("EDGEWRIGHT_")}
