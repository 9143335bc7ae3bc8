"""Stages one after the other in one process, for tests of what stages do, not of how their processes begin and end.

    python -m testbench.resident --socket FILE

Each process of TensorFlow's spends a second or two on what it makes when it is used for the first time; this one does
so once. The warm process forks it as it forks a stage. Each stage imports Edgewright's own code anew, as a child of the
warm process does, and TensorFlow is seeded by the stage itself.
"""

from __future__ import annotations

import gzip
import json
import os
import socket
import subprocess
import sys
import tempfile
import textwrap
import traceback
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, redirect_stdout
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO, StringIO
from pathlib import Path
from typing import IO, Any

from pydantic import Field

from edgewright.options import Flag, StageOptions
from edgewright.stage_command import stage
from edgewright.training import warm
from testbench.stages import ROOT, Stages, module_of

STAY = (sys.prefix, sys.base_prefix, ROOT)
"""Folders whose modules no test changes."""
STAGES = frozenset({"compress", "evaluate", "quantize", "train"})
MOST = 40
"""Stages that one process runs: TensorFlow keeps some of what each made."""
BEGIN_S, STAGE_S = 120, 300


class Options(StageOptions):
    """Where the stages come from."""

    socket: Flag[Path] = Field(description="the socket that commands come through")


def serve(options: Options) -> None:
    """Run stages until nobody asks for one any more."""
    _unpack_once()
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(options.socket))
        with client.makefile("r") as requests:
            for line in requests:
                request = json.loads(line)
                answer = _run(**request) if "stage" in request else _run_script(**request)
                client.sendall(json.dumps(answer).encode() + b"\n")


def _run_script(script: str, argv: list[str]) -> dict[str, Any]:
    """Python as a program of its own: 0, and what it printed; where it raised, 1 and the traceback."""
    warm.worker_anew()
    with _kept(), redirect_stdout(StringIO()) as printed:
        sys.argv[1:] = argv
        try:
            exec(compile(script, "script", "exec"), {"__name__": "__main__"})  # noqa: S102 - of the tests
        except Exception:  # noqa: BLE001 - whatever it is, the test shows it
            return {"code": 1, "printed": traceback.format_exc()}
    return {"code": 0, "printed": printed.getvalue()}


def _run(stage: str, argv: list[str]) -> dict[str, Any]:
    """One stage, as a worker runs it: its exit code, and what it told the user."""
    with _kept(), tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as log:
        code = warm.worker_anew().work(stage, argv, told.fileno(), told.fileno(), log.fileno())
        told.seek(0)
        return {"code": code, "printed": told.read().decode()}


def _unpack_once() -> None:
    """Data sets are unpacked once in this process: a slice of one takes as long as all of it."""
    really = gzip.open

    @cache
    def content(path: Path, _changed_ns: int) -> bytes:
        with really(path, "rb") as file:
            return file.read()

    def remembered(file: Any, mode: str = "rb", *more: Any, **others: Any) -> Any:
        if not isinstance(file, Path) or mode != "rb" or more or others:  # what libraries open for themselves
            return really(file, mode, *more, **others)
        return BytesIO(content(file, file.stat().st_mtime_ns))

    gzip.open = remembered  # type: ignore[assignment]


@contextmanager
def _kept() -> Iterator[None]:
    """What a stage changes of its process is as before, and modules of models are forgotten."""
    environment, temporary, modules = dict(os.environ), tempfile.tempdir, set(sys.modules)
    path, hooks, words = list(sys.path), list(sys.path_hooks), list(sys.argv)
    yield
    sys.argv[:] = words
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir, sys.path[:], sys.path_hooks[:] = temporary, path, hooks
    for name in set(sys.modules) - modules:
        file = getattr(sys.modules[name], "__file__", None)
        if file and not name.startswith("__autograph") and not any(Path(file).is_relative_to(place) for place in STAY):
            del sys.modules[name]


class _Process:
    """The process, and the connection to it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.runs = 0
        with tempfile.TemporaryDirectory() as folder, closing(socket.socket(socket.AF_UNIX)) as listener:
            listener.bind(f"{folder}/socket")
            listener.listen(1)
            listener.settimeout(BEGIN_S)
            command = [sys.executable, "-m", "testbench.resident", "--socket", f"{folder}/socket"]
            self.process = subprocess.Popen(command, env=dict(environment), cwd=ROOT)
            self.connection = listener.accept()[0]
        self.connection.settimeout(STAGE_S)
        self.answers: IO[str] = self.connection.makefile("r")

    def answer(self, **request: Any) -> dict[str, Any]:
        self.runs += 1
        self.connection.sendall(json.dumps(request).encode() + b"\n")
        answer: dict[str, Any] = json.loads(self.answers.readline())
        return answer

    def end(self) -> None:
        self.answers.close()
        self.connection.close()
        self.process.wait()


@dataclass(frozen=True)
class Resident(Stages):
    """`run` and `train` in a process that ran other stages before; all else in processes of their own."""

    running: list[_Process] = field(default_factory=list)

    def run(self, name: str, *arguments: object, code: int = 0, **options: Any) -> str:
        """Run a stage to its end, which must be with exit code `code`; give all that it printed."""
        if name not in STAGES:
            return super().run(name, *arguments, code=code, **options)
        argv = [*map(str, arguments), *(["--options", json.dumps(options)] if options else [])]
        answer = self._process().answer(stage=module_of(name), argv=argv)
        if answer["code"] != code:
            raise AssertionError(f"exit code {answer['code']}, not {code}:\n{answer['printed']}")
        return str(answer["printed"])

    def script(self, text: str, *arguments: object) -> str:
        """Run Python with TensorFlow, which must not raise; give what it printed."""
        answer = self._process().answer(script=textwrap.dedent(text), argv=[*map(str, arguments)])
        if answer["code"]:
            raise AssertionError(answer["printed"])
        return str(answer["printed"])

    def module(self, name: str, *arguments: object) -> str:
        """The same of a module as a program."""
        return self.script(f"import runpy; runpy.run_module({name!r}, run_name='__main__', alter_sys=True)", *arguments)

    def _process(self) -> _Process:
        """The process that runs; another one after `MOST` stages."""
        if self.running and self.running[0].runs >= MOST:
            self.end()
        if not self.running:
            self.running.append(_Process(self.environment))
        return self.running[0]

    def end(self) -> None:
        """End the process, if one runs."""
        while self.running:
            self.running.pop().end()


main = stage(Options, serve)

if __name__ == "__main__":
    warm.run(main)
