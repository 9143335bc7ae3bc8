"""What a build does at this moment: a file with a line of JSON for each event, for whoever looks on.

A build that has something to do begins the file anew, keeps it locked as long as it lives, and names it to its stages
in the environment; they add lines by themselves. Nothing is made from the file, and a build whose file cannot be
written goes on without.

The events, each with "event", "time" (seconds of the clock) and "process":

    build    "command", "stages": [{"title", "needs": [numbers of stages]}]
    begin    "stage", its number
    end      "stage", "status": the exit code
    epoch    "title", "epoch" (from 1), "epochs", "logs": {"loss": 0.4, ...}
    step     "title", "epoch", "epochs", "step" (from 1), "steps", "logs"; not each of them
    over     the build has ended by itself
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FILE = ".live.jsonl"
"""In the folder of a build."""

VARIABLE = "EDGEWRIGHT_LIVE"
"""The environment's name for the file, for stages."""


def tell(event: str, **facts: Any) -> None:
    """Add an event to the file that the environment names, if any; a file that is not there is not begun."""
    if path := os.environ.get(VARIABLE):
        with suppress(OSError, ValueError):
            _append(os.open(path, os.O_WRONLY | os.O_APPEND), event, facts)


def _append(file: int, event: str, facts: Mapping[str, Any]) -> None:
    """One write for the whole line: several processes add to the file at once. It closes the file."""
    try:
        known = {"event": event, "time": round(time.time(), 3), "process": os.getpid()}
        line = json.dumps({**known, **facts}, allow_nan=False)
        os.write(file, line.encode() + b"\n")
    finally:
        os.close(file)


@dataclass
class Build:
    """The build's own side: begins the file with its first stage, and keeps it locked.

    Attributes:
        path: the file.
        command: how the build was started, for people.
        stages: all stages that it may run: a title, and the numbers of those before it.
    """

    path: Path
    command: str
    stages: Sequence[tuple[str, Sequence[int]]]
    _file: int | None = None
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, stage: int) -> None:
        """A stage starts."""
        with self._guard, suppress(OSError):
            if self._file is None:
                self._file = self._open()
            self._tell("begin", {"stage": stage})

    def environment(self) -> dict[str, str]:
        """What the environment of a stage has besides, once one has begun."""
        return {VARIABLE: str(self.path.absolute()) if self._file is not None and self._file >= 0 else ""}

    def end(self, stage: int, status: int) -> None:
        """A stage has ended."""
        with self._guard, suppress(OSError):
            self._tell("end", {"stage": stage, "status": status})

    @contextmanager
    def stage(self, number: int) -> Iterator[None]:
        """A stage of a command that is no build by SCons: what this process starts in it tells too."""
        self.begin(number)
        before, status = os.environ.get(VARIABLE), 1
        os.environ.update(self.environment())
        try:
            yield
            status = 0
        finally:
            os.environ.pop(VARIABLE)
            os.environ.update({VARIABLE: before} if before is not None else {})
            self.end(number, status)

    def close(self) -> None:
        """The build has ended."""
        with self._guard, suppress(OSError):
            self._tell("over", {})

    def _open(self) -> int:
        """The file, empty but for the build. -1 where another build holds it: that one is shown."""
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(file)
            return -1
        os.ftruncate(file, 0)
        stages = [{"title": title, "needs": list(needs)} for title, needs in self.stages]
        _append(os.dup(file), "build", {"command": self.command, "stages": stages})
        return file

    def _tell(self, event: str, facts: Mapping[str, Any]) -> None:
        if self._file is not None and self._file >= 0:
            _append(os.dup(self._file), event, facts)
