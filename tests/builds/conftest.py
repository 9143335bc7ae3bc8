"""A small project in a temporary folder, with a copy of Edgewright of its own that a test may edit."""

from __future__ import annotations

import compileall
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SCONSTRUCT = """\
env = Environment(tools=["edge"], toolpath=[PyPackageDir("edgewright.scons")])
env.EdgeProject(target="small", model="tiny")
"""

MODEL = """\
description = "a network that trains in a second, on data of its own"

[data]
validation = 100

[train]
epochs     = 2
batch_size = 50
"""

TARGET = """\
description = "this machine, so that a test needs no emulator"
board       = "raspberry-pi-4"
runtime     = "litert"

[budget]
size = "64 KiB"

[[compress]]
pass     = "prune"
schedule = { kind = "polynomial", final = 0.5, end_step = 10 }

[quantize]
calibration_samples = 20
qat                 = "never"

[measure]
transport = "host"
runs      = 3
warmup    = 1
"""

SOURCE = """\
import numpy as np
from tensorflow import keras

LABELS = ("lower", "upper")


def build():
    return keras.Sequential(
        [
            keras.layers.InputLayer((12, 12, 1)),
            keras.layers.Conv2D(4, 3, strides=2, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )


def load():
    random = np.random.default_rng(7)
    y = random.integers(0, 2, 700)
    x = random.random((700, 12, 12, 1), dtype=np.float32) * 0.7
    x[y == 1, :6] += 0.3
    x[y == 0, 6:] += 0.3
    return x[:500], y[:500], x[500:], y[500:]
"""

LEFT_OUT = ("build", "*.pyc.*")
"""What copies leave out: what was built, and compiled Python that another process is about to write. The rest of
compiled Python fits to the copies, which are of the same age."""


@dataclass(frozen=True)
class Result:
    """What one run of scons did."""

    returncode: int
    stdout: str
    stderr: str

    @property
    def ran(self) -> list[str]:
        """The first words of the titles of the stages that ran, in order."""
        words = "train|prune|convert|quantize|evaluate|write|check|measure|report|hold"
        return re.findall(rf"^({words}) [^:\n]+$", self.stdout, re.MULTILINE)  # with ":" it is what a stage itself says

    @property
    def from_cache(self) -> list[str]:
        """The files that came from the cache."""
        return re.findall(r"Retrieved `([^']+)' from cache", self.stdout)


@dataclass(frozen=True)
class Project:
    """A project's folder and its cache."""

    folder: Path
    cache: Path

    def command(self, *arguments: str) -> tuple[list[str], dict[str, str]]:
        """The command line and environment of scons here."""
        scons = Path(sys.executable).with_name("scons")
        environment = {**os.environ, "PYTHONPATH": str(self.folder), "COLUMNS": "120"}
        return [sys.executable, str(scons), f"cache={self.cache}", *arguments], environment

    def scons(self, *arguments: str) -> Result:
        """Run scons to its end."""
        command, environment = self.command(*arguments)
        done = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=300, check=False
        )
        return Result(done.returncode, done.stdout, done.stderr)

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace text in a file that must hold it."""
        text = (self.folder / path).read_text()
        assert old in text, f"{path} holds no {old!r}"
        (self.folder / path).write_text(text.replace(old, new))

    def clone(self, folder: Path) -> Project:
        """The same project in another folder, without what was built."""
        shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns(*LEFT_OUT))
        return Project(folder, self.cache)


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project in which nothing was built; to be cloned, not built in."""
    folder = tmp_path_factory.mktemp("pristine")
    ignore = shutil.ignore_patterns(*LEFT_OUT)
    for name in ("edgewright", "templates", "firmware", "targets/boards"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignore)
    shutil.copyfile(ROOT / "LICENSE", folder / "LICENSE")
    (folder / "models/tiny").mkdir(parents=True)
    files = {
        "SConstruct": SCONSTRUCT,
        "targets/small.toml": TARGET,
        "models/tiny/model.toml": MODEL,
        "models/tiny/model.py": SOURCE,
        "README.md": "nothing depends on this\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    compileall.compile_dir(folder / "edgewright", quiet=2)
    return Project(folder, tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def built(pristine: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project that was built once; tests of a module use it one after the other."""
    project = pristine.clone(tmp_path_factory.mktemp("built") / "project")
    result = project.scons()
    assert result.returncode == 0, result.stdout + result.stderr
    return project
