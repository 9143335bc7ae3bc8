"""Stages as a build runs them: as commands."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgewright.home import home
from edgewright.registry import importer_for, importer_of

ROOT = home()


def module_of(name: str) -> str:
    """The module of a stage, which is in one of the folders of edgewright/stages/."""
    [found] = (ROOT / "edgewright" / "stages").glob(f"*/{name}.py")
    return f"edgewright.stages.{found.parent.name}.{name}"


def import_commands(source: str, out: Path, calibration: Path | None = None) -> Iterator[tuple[object, ...]]:
    """The stages that import a file, each its name and its arguments; they write beside `out`, facts to import.json."""
    made = [out.with_name(f"converted.{kind}") for kind in ("tflite", "json")]
    model = ("--model", source, "--importer", importer_of(source) or "")
    given: list[object] = ["--calibration", calibration] if calibration else []
    if hasattr(importer_for(source), "convert"):
        yield ("convert", *model, "--out", made[0], "--facts", made[1])
        given += ["--converted", made[0], "--converted-facts", made[1]]
    yield ("bring", *model, *given, "--out", out, "--facts", out.with_name("import.json"))


@contextmanager
def held(source: Path) -> Iterator[None]:
    """The model in `source`, of the fixture `model_py` and with the callback `model:held`, waits behind one epoch."""
    hold = source.parent.with_name("hold")
    hold.touch()
    yield
    hold.unlink()


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    """Until there is a file that `process` writes while it runs; AssertionError where it ends, or a minute is over."""
    end = time.monotonic() + 60
    while not path.exists():
        if process.poll() is not None or time.monotonic() > end:
            raise AssertionError(f"{path} never came: {process.communicate()[0] if process.poll() is not None else ''}")
        time.sleep(0.01)


@dataclass(frozen=True)
class Stages:
    """Runs `python -m edgewright.stages.<name>`."""

    environment: dict[str, str]
    folder: Path = ROOT

    def but(self, folder: Path = ROOT, **environment: object) -> Stages:
        """The same with other variables of the environment, and the package that is in `folder`."""
        added = {name: str(value) for name, value in environment.items()}
        return Stages(self.environment | added, folder)

    def start(self, name: str, *arguments: object, **options: Any) -> subprocess.Popen[str]:
        """Begin a stage; its output and errors come together."""
        command = [sys.executable, "-m", module_of(name), *map(str, arguments)]
        if options:
            command += ["--options", json.dumps(options)]
        return subprocess.Popen(
            command, env=self.environment, cwd=self.folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def run(self, name: str, *arguments: object, code: int = 0, **options: Any) -> str:
        """Run a stage to its end, which must be with exit code `code`; give all that it printed."""
        process = self.start(name, *arguments, **options)
        printed, _ = process.communicate(timeout=120)
        if process.returncode != code:
            raise AssertionError(f"exit code {process.returncode}, not {code}:\n{printed}")
        return printed

    def kill(self, process: subprocess.Popen[str]) -> None:
        """Kill -9, then reap."""
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=30)

    def train(self, source: Path, out: Path, code: int = 0, **train: Any) -> str:
        """Train the model in `source` on its own data."""
        arguments = ("--source", source, "--out", out, "--stats", out.with_suffix(".json"))
        return self.run("train", *arguments, code=code, data={"validation": 50}, train=train)

    def trained(self, folder: Path, text: str) -> Path:
        """A model.py in the folder, whose network is trained for one epoch: float.h5 beside it."""
        source = folder / "model.py"
        source.write_text(text)
        self.train(source, source.with_name("float.h5"), epochs=1)
        return source
