"""scons as a person starts it, and many of them quickly."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from edgewright.home import home

Done = subprocess.CompletedProcess[str]


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(home())}


def run_scons(project: Path, *arguments: str, timeout_s: float = 60) -> Done:
    """Run scons in the folder of a project, with the package of this checkout, to its end."""
    command = [sys.executable, str(Path(sys.executable).with_name("scons")), *arguments]
    return subprocess.run(
        command, cwd=project, env=_environment(), capture_output=True, text=True, timeout=timeout_s, check=False
    )


class WarmScons:
    """Runs scons like `run_scons`, in forks of one process that has imported it: a quarter of the time."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "testbench._scons_server"]
        self._server = subprocess.Popen(
            command, cwd=home(), env=_environment(), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def __enter__(self) -> WarmScons:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.communicate()

    def run(self, project: Path, *arguments: str) -> Done:
        """Run it in the folder of a project to its end, a minute at most."""
        with tempfile.NamedTemporaryFile() as out, tempfile.NamedTemporaryFile() as errors:
            code = self._ask(json.dumps([str(project), out.name, errors.name, arguments]))
            printed = [Path(file.name).read_text(encoding="utf-8") for file in (out, errors)]
        return subprocess.CompletedProcess(["scons", *arguments], code, *printed)

    def _ask(self, line: str) -> int:
        if self._server.stdin is None or self._server.stdout is None:
            raise AssertionError("started without pipes")
        self._server.stdin.write(f"{line}\n")
        self._server.stdin.flush()
        return int(self._server.stdout.readline())
