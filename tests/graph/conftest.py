"""Projects of all classes of devices whose stages are stubs, so that a whole graph builds in half a second."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

SCONSTRUCT = """\
DefaultEnvironment(tools=[])
env = Environment(tools=["edge"], toolpath=[PyPackageDir("edgewright.scons")])
env.EdgeProject(target="linux,mobile,micro", model="tiny")
"""

FILES = {
    "SConstruct": SCONSTRUCT,
    "models/tiny/model.toml": """\
description = "data of its own"
[data]
validation = 10
[train]
epochs = 2
batch_size = 5
""",
    "models/tiny/model.py": "def build(): ...\n\n\ndef load(): ...\n",
    "models/tiny/data/a.csv": "1,2,3\n",
    "models/tiny/data/b.csv": "4,5,6\n",
    "targets/linux.toml": """\
description = "a Linux-class board"
board = "raspberry-pi-4"
runtime = "litert"
[[compress]]
pass = "cluster"
clusters = 8
[quantize]
calibration_samples = 16
[measure]
transport = "host"
""",
    "targets/mobile.toml": """\
description = "a phone"
extends = "linux"
board = "android-arm64"
[measure]
transport = "adb"
""",
    "targets/micro.toml": """\
description = "a microcontroller"
board = "mps2-an386"
runtime = "aot"
[quantize]
calibration_samples = 16
[measure]
transport = "qemu"
""",
}


Plan = Sequence[dict[str, Any]]
"""Of each stage its "command", "outputs" and "reads"."""


@dataclass(frozen=True)
class Result:
    """What one build did."""

    status: int
    out: str
    ran: list[str]
    plan: Plan


class Builder:
    """The process that builds; see driver.py."""

    def __init__(self, home: Path, scratch: Path) -> None:
        self.home = home
        environment = {**os.environ, "PYTHONPATH": str(home), "EDGEWRIGHT_CACHE": str(scratch / "cache")}
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("driver.py")), str(scratch)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def build(
        self,
        folder: Path,
        *arguments: str,
        die: tuple[int, str] | None = None,
        environment: dict[str, str] | None = None,
        plan: bool = False,
    ) -> Result:
        assert self._process.stdin
        assert self._process.stdout
        request = {"folder": str(folder), "arguments": arguments, "environment": environment or {}}
        self._process.stdin.write(json.dumps({**request, "die": die, "plan": plan}) + "\n")
        self._process.stdin.flush()
        return Result(**json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        self._process.communicate()


@dataclass(frozen=True)
class Project:
    """A project's folder, and what builds it."""

    folder: Path
    builder: Builder

    def build(self, *arguments: str, cache: Path | str = "off", **more: Any) -> Result:
        return self.builder.build(self.folder, f"cache={cache}", *arguments, **more)

    def built(self, *arguments: str, **more: Any) -> Result:
        """The same, of a build that has to end well."""
        result = self.build(*arguments, **more)
        assert result.status == 0, result.out
        return result

    def outputs(self) -> dict[str, str]:
        """What the stages wrote, by path."""
        found = {str(path.relative_to(self.folder)): path for path in sorted((self.folder / "build").rglob("*"))}
        return {name: path.read_text() for name, path in found.items() if path.is_file() and "/." not in name}

    def clone(self, folder: Path) -> Project:
        """The same project in another folder, without what was built."""
        shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns("build"))
        return Project(folder, self.builder)


@pytest.fixture(scope="session")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builder]:
    """With a copy of Edgewright of its own, that a test may edit and has to restore."""
    home = tmp_path_factory.mktemp("home")
    ignore = shutil.ignore_patterns("__pycache__")
    for name in ("edgewright", "templates", "firmware", "targets/boards"):
        shutil.copytree(ROOT / name, home / name, ignore=ignore)
    shutil.copyfile(ROOT / "LICENSE", home / "LICENSE")
    builder = Builder(home, tmp_path_factory.mktemp("scratch"))
    yield builder
    builder.close()


def ordered(plan: Plan) -> Plan:
    """The stages, each after those that it reads from."""
    made: set[str] = set()
    everything = {name for stage in plan for name in stage["outputs"]}
    waiting, found = list(plan), []
    while waiting:
        ready = [stage for stage in waiting if not (set(stage["reads"]) & everything) - made]
        found += ready
        made.update(name for stage in ready for name in stage["outputs"])
        waiting = [stage for stage in waiting if stage not in ready]
    return found


def create(builder: Builder, folder: Path) -> Project:
    """A project in which nothing was built."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Project(folder, builder)


@pytest.fixture
def project(builder: Builder, tmp_path: Path) -> Project:
    """A project in which nothing was built."""
    return create(builder, tmp_path / "project")
