"""The real stages open what the graph says that they read, and write what it says that they write."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from testbench.nets import RELU, Net, to_tflite
from tests.graph.conftest import Builder, Project, create, ordered

HOOK = """\
import os
import sys

_log = os.open(os.environ["OPENED"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)


def _hook(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes)):
        writes = (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR)
        os.write(_log, f"{'w' if writes else 'r'} {os.path.abspath(os.fsdecode(arguments[0]))}\\n".encode())
    elif event == "os.rename":
        os.write(_log, f"w {os.path.abspath(os.fsdecode(arguments[1]))}\\n".encode())


sys.addaudithook(_hook)
"""


@pytest.fixture(scope="module")
def project(builder: Builder, tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = create(builder, tmp_path_factory.mktemp("real"))
    micro = project.folder / "targets/micro.toml"
    micro.write_text(micro.read_text().replace('transport = "qemu"', 'transport = "none"'))
    chance = np.random.default_rng(11)
    net = Net()
    x = net.input((1, 6, 5, 3), 0.05, -4)
    x = net.conv(x, chance.integers(-127, 128, (8, 3, 3, 3)), chance.integers(-500, 500, 8), 0.1, -128, act=RELU)
    (project.folder / "net.tflite").write_bytes(to_tflite(net.graph(x)))
    return project


def opened(command: list[str], project: Project, folder: Path) -> tuple[set[Path], set[Path]]:
    """Run a stage; the files that it read and those that it wrote, of the project and of Edgewright."""
    (folder / "sitecustomize.py").write_text(HOOK)
    log = folder / "opened"
    log.unlink(missing_ok=True)
    path = os.pathsep.join([str(folder), str(project.builder.home)])
    environment = {**os.environ, "PYTHONPATH": path, "OPENED": str(log), "EDGEWRIGHT_CACHE": str(folder / "cache")}
    words = [sys.executable, "-m", f"edgewright.stages.{command[0]}", *command[1:]]
    done = subprocess.run(words, cwd=project.folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = [line.split(" ", 1) for line in log.read_text(errors="replace").splitlines()]
    found = {kind: {source_of(Path(name)) for k, name in rows if k == kind and ours(name, project)} for kind in "rw"}
    return found["r"], {path for path in found["w"] if ".tmp" not in path.name and path.suffix != ".py"}


def ours(name: str, project: Project) -> bool:
    return Path(name).is_relative_to(project.folder) or Path(name).is_relative_to(project.builder.home)


def source_of(path: Path) -> Path:
    """The Python file behind a compiled one."""
    if path.parent.name != "__pycache__":
        return path
    return Path(importlib.util.source_from_cache(str(path.with_name(path.name.split(".pyc")[0] + ".pyc"))))


def listed(manifest: Path) -> set[Path]:
    files = json.loads(manifest.read_text()).get("files", {}) if manifest.suffix == ".json" else {}
    return {manifest.parent / name for name in files} if isinstance(files, dict) else set()


@pytest.mark.skipif(shutil.which("arm-none-eabi-gcc") is None, reason="no compiler for Cortex-M")
def test_stages_open_what_they_name(project: Project, tmp_path: Path) -> None:
    result = project.built("-n", "target=linux,micro", "model=net.tflite", plan=True)
    listings: set[Path] = set()
    done: set[Path] = set()
    for stage in ordered(result.plan):
        outputs, reads = set(map(Path, stage["outputs"])), set(map(Path, stage["reads"]))
        found, written = opened(stage["command"], project, tmp_path)
        name = stage["command"][0]
        listings |= {path for output in outputs for path in listed(output)}
        read = {path for path in found if path.is_file()} - written - outputs
        assert {str(path) for path in read - reads - listings} == set(), name
        assert {str(path) for path in written - outputs - listings} == set(), name
        assert all(path.is_file() for path in outputs), name
        done |= outputs
    assert {"firmware.elf", "bundle.json", "plan.svg", "report.json"} <= {path.name for path in done}
