"""Runs the training stages as a build does: as commands, with one warm process for the whole session."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

# pictures that are bright in the lower or in the upper half
OWN_DATA = """
import numpy as np
from tensorflow import keras

LABELS = ("lower", "upper")

def load():
    random = np.random.default_rng(7)
    y = random.integers(0, 2, 400)
    x = random.random((400, 6, 6, 1), dtype=np.float32) * 0.5
    x[y == 1, :3] += 0.5
    x[y == 0, 3:] += 0.5
    return x[:300], y[:300], x[300:], y[300:]
"""

DENSE = """
def build():
    return keras.Sequential([keras.layers.Flatten(input_shape=(6, 6, 1)), keras.layers.Dense(2, activation="softmax")])
"""


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
        command = [sys.executable, "-m", f"edgewright.stages.{name}", *map(str, arguments)]
        if options:
            command += ["--options", json.dumps(options)]
        return subprocess.Popen(
            command, env=self.environment, cwd=self.folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def run(self, name: str, *arguments: object, code: int = 0, **options: Any) -> str:
        """Run a stage to its end, which must be with exit code `code`; give all that it printed."""
        process = self.start(name, *arguments, **options)
        printed, _ = process.communicate(timeout=120)
        assert process.returncode == code, printed
        return printed

    def kill(self, process: subprocess.Popen[str]) -> None:
        """kill -9, then reap."""
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=30)

    def train(self, source: Path, out: Path, code: int = 0, **train: Any) -> str:
        """Train the model in `source` on its own data."""
        arguments = ("--source", source, "--out", out, "--stats", out.with_suffix(".json"))
        return self.run("train", *arguments, code=code, data={"validation": 50}, train=train)


@pytest.fixture(scope="session")
def alone() -> Stages:
    """Stages without a warm process."""
    return Stages({name: value for name, value in os.environ.items() if not name.startswith("EDGEWRIGHT_WARM")})


@pytest.fixture(scope="session")
def stages(alone: Stages, tmp_path_factory: pytest.TempPathFactory) -> Stages:
    """Stages with a warm process that lives as long as the session."""
    socket = tmp_path_factory.mktemp("warm") / "socket"
    return alone.but(EDGEWRIGHT_WARM=socket, EDGEWRIGHT_WARM_OWNER=os.getpid())


@pytest.fixture
def model_py(tmp_path: Path) -> Callable[..., Path]:
    """Makes a model.py that brings the small data set above."""

    def make(build: str = DENSE, name: str = "tiny") -> Path:
        source = tmp_path / name / "model.py"
        source.parent.mkdir()
        source.write_text(OWN_DATA + textwrap.dedent(build))
        return source

    return make
