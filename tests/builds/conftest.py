"""A small project in a temporary folder, with a copy of Edgewright of its own that a test may edit."""

from __future__ import annotations

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
description = "the worked example on a slice of its data"

[data]
dataset    = "fashion-mnist"
validation = 100
limit      = 500

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

[measure]
transport = "host"
runs      = 3
warmup    = 1
"""

SOURCE = """\
from tensorflow import keras


def build():
    return keras.Sequential(
        [
            keras.layers.InputLayer((28, 28, 1)),
            keras.layers.Conv2D(4, 3, strides=2, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
"""


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
        shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns("build", "__pycache__"))
        return Project(folder, self.cache)


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project in which nothing was built; to be cloned, not built in."""
    folder = tmp_path_factory.mktemp("pristine")
    ignore = shutil.ignore_patterns("__pycache__")
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
    return Project(folder, tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def built(pristine: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project that was built once; tests of a module use it one after the other."""
    project = pristine.clone(tmp_path_factory.mktemp("built") / "project")
    result = project.scons()
    assert result.returncode == 0, result.stdout + result.stderr
    return project
