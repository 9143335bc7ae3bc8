"""The build of a trial: scons in the project's folder, as a person would start it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from edgewright.errors import GOES_ON, MachineError, is_of_machine
from edgewright.home import home
from edgewright.report import read_report
from edgewright.search._judge import Refused
from edgewright.spec import ProjectModel, escaped
from edgewright.text import lines

_USER = 2
"""Exit code of a build that was refused for what the files say."""

_INTERRUPTED = 130

_KILLED = " was killed by SIG"
"""Told of a stage that was ended from outside, for instance as there was no memory left."""


@dataclass(frozen=True)
class SconsBuilder:
    """Builds target files with a model.

    Attributes:
        root: the project's folder.
        model: what is built.
        jobs: how many stages run at once.
        executor: where they run; empty as machines.toml says.
        cache: where finished artifacts are shared, as scons has it; empty as it does by itself.
        lock: a file that stays locked as long as a build of the search lives.
        is_readonly: whether the cache is read alone.
        tell: is told once of each warning of the builds; it stands in their logs, too.
    """

    root: Path
    model: ProjectModel
    jobs: int = 1
    executor: str = ""
    cache: str = ""
    lock: TextIO | None = None
    is_readonly: bool = False
    tell: Callable[[str], None] = lambda _: None
    _told: set[str] = field(default_factory=set)

    def __call__(self, files: Sequence[str], log: Path) -> list[Mapping[str, Any] | Refused]:
        """The reports, one for each file of a target, or why it has none.

        What one target refuses is no fault of the others: each is then built by itself, of which what it shares with
        others is there already.

        Raises:
            Refused: no target could be built.
            MachineError: the machine refused, so that nothing is known of what was built.
            KeyboardInterrupt: it was interrupted.
        """
        try:
            return [*self._reports(files, log)]
        except Refused:
            if len(files) == 1:
                raise
        found = [self._alone(file, log) for file in files]
        if all(isinstance(each, Refused) for each in found):
            raise next(each for each in found if isinstance(each, Refused))
        return found

    def trained(self, file: str, artifact: str, log: Path) -> None:
        """Build one artifact of a target's file; Refused, MachineError."""
        self._build([file], [artifact], log)

    def _alone(self, file: str, log: Path) -> Mapping[str, Any] | Refused:
        try:
            return next(self._reports([file], log.with_name(f"{Path(file).stem}.log")))
        except Refused as error:
            return error

    def _reports(self, files: Sequence[str], log: Path) -> Iterator[Mapping[str, Any]]:
        reports = [f"{file.removesuffix('.toml')}/{self.model.name}/report.json" for file in files]
        self._build(files, reports, log)
        yield from (read_report(self.root / report) for report in reports)

    def _build(self, files: Sequence[str], artifacts: Sequence[str], log: Path) -> None:
        targets, model = ",".join(map(escaped, files)), escaped(self.model.name)
        words = ["-Q", f"-j{self.jobs}", f"target={targets}", f"model={model}", *self._where(), *artifacts]
        log.parent.mkdir(parents=True, exist_ok=True)
        try:
            with log.open("w", encoding="utf-8") as out:
                status = self._run(words, out)
        finally:
            self._warn(log)
        if status == _INTERRUPTED:
            raise KeyboardInterrupt
        if status:
            told = _error_in(log)
            if is_of_machine(told) or told.startswith("executor="):  # no trial chose it
                raise MachineError(_as_it_was(told, log.relative_to(self.root)))
            raise Refused(told, is_choice=status == _USER and _KILLED not in told)

    def _where(self) -> Sequence[str]:
        given = {"executor": self.executor, "cache": self.cache}
        readonly = ["--cache-readonly"] * self.is_readonly
        return [*readonly, *(f"{name}={value}" for name, value in given.items() if value)]

    def _warn(self, log: Path) -> None:
        """Tell what a build warned of, for instance that its cache is gone: that holds for all of them."""
        for line in _lines(log):
            if line.startswith("warning: ") and line not in self._told:
                self._told.add(line)
                self.tell(line)

    def _run(self, words: Sequence[str], out: TextIO) -> int:
        command = [sys.executable, "-m", "edgewright.scons", *words]
        path = os.pathsep.join(filter(None, [str(home()), os.environ.get("PYTHONPATH")]))
        held = (self.lock.fileno(),) if self.lock else ()
        environment = {**os.environ, "PYTHONPATH": path}
        with subprocess.Popen(
            command, cwd=self.root, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out, pass_fds=held
        ) as build:
            try:
                return build.wait()
            except KeyboardInterrupt:
                with suppress(ProcessLookupError, subprocess.TimeoutExpired):  # a terminal has told it, too
                    build.wait(2)
                if build.poll() is None:
                    build.send_signal(signal.SIGTERM)  # which is passed on to stages, and never ignored
                build.wait()
                raise


def _lines(log: Path) -> list[str]:
    return lines(log.read_text(encoding="utf-8", errors="replace")).splitlines()


def _error_in(log: Path) -> str:
    """The errors that a build ended with, or its last lines."""
    text = _lines(log)
    first = next((number for number, line in enumerate(text) if line.startswith("error: ")), None)
    if first is None:
        return " / ".join(text[-3:])
    told = [line for line in text[first:] if line.startswith(("error: ", "  hint: "))]
    return "; ".join(dict.fromkeys(line.removeprefix("error: ").strip() for line in told))


_HINT = "; hint: "


def _as_it_was(told: str, log: Path) -> str:
    """An error of a build as one of the search, with its hints, and that the search goes on later."""
    problem, *hints = told.split(_HINT)
    hints = [hint for hint in hints if hint != GOES_ON]
    return "\n  hint: ".join(
        [problem, *hints, f"the same command goes on after the trials that have ended; {log} says more"]
    )
