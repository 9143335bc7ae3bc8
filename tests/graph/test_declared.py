"""The real stages open what the graph says that they read, write what it says that they write, and need no more.

Each stage runs twice: with all files there are, and watched; then with poison in the place of every file that it does
not name, of Edgewright and of the project. The outputs are equal byte for byte, so no edit of any of those files can
make them stale, also of one that a program reads which the stage starts, as the C compiler does. That a stage runs
again when a file is edited that it names, the stubs of test_perturbation.py show.

The ordinary run takes a model that somebody brings; `--live-all` the targets of this project, and a trained model.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from testbench.nets import RELU, Net, to_tflite
from tests.graph.conftest import ROOT, Builder, Project, create, ordered
from tests.graph.poison import poisoned

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


TRAINED = {
    "model.toml": """\
description = "a network that trains in seconds"
[data]
dataset = "fashion-mnist"
validation = 500
limit = 1000
[train]
epochs = 1
batch_size = 50
""",
    "model.py": """\
from tensorflow import keras


def build():
    layers = [keras.layers.InputLayer((28, 28, 1)), keras.layers.Conv2D(4, 3, strides=2, activation="relu")]
    return keras.Sequential([*layers, keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")])
""",
}


@pytest.fixture(scope="module")
def project(builder: Builder, tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = create(builder, tmp_path_factory.mktemp("real"))
    micro = project.folder / "targets/micro.toml"
    micro.write_text(micro.read_text().replace('transport = "qemu"', 'transport = "none"'))
    brought(project.folder / "net.tflite")
    return project


def brought(path: Path) -> None:
    """Write a small model that somebody brings."""
    chance = np.random.default_rng(11)
    net = Net()
    x = net.input((1, 6, 5, 3), 0.05, -4)
    x = net.conv(x, chance.integers(-127, 128, (8, 3, 3, 3)), chance.integers(-500, 500, 8), 0.1, -128, act=RELU)
    path.write_bytes(to_tflite(net.graph(x)))


def opened(command: list[str], project: Project, folder: Path) -> tuple[set[Path], set[Path]]:
    """Run a stage; the files that it read and those that it wrote and left, of the project and of Edgewright."""
    (folder / "sitecustomize.py").write_text(HOOK)
    log = folder / "opened"
    log.unlink(missing_ok=True)
    run(command, project.folder, [folder, project.builder.home], {"OPENED": str(log)})
    rows = [line.split(" ", 1) for line in log.read_text(errors="replace").splitlines()]
    found = {kind: {source_of(Path(name)) for k, name in rows if k == kind and ours(name, project)} for kind in "rw"}
    return found["r"], {path for path in found["w"] if path.exists() and path.suffix != ".py"}


def run(command: list[str], place: Path, path: Sequence[Path], more: dict[str, str]) -> None:
    words = [sys.executable, "-m", f"edgewright.stages.{command[0]}", *command[1:]]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path)), **more}
    done = subprocess.run(words, cwd=place, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def made_of_what_it_names(stage: dict[str, Any], project: Project, named: set[Path], folder: Path) -> dict[str, bytes]:
    """What a stage writes where it finds nothing but what it names."""
    home, place = folder / "home", folder / "project"
    poisoned(project.builder.home, home, named)
    poisoned(project.folder, place, named)
    for name in stage["outputs"]:
        (place / Path(name).relative_to(project.folder)).unlink(missing_ok=True)
    run(stage["command"], place, [home], {"PYTHONDONTWRITEBYTECODE": "1"})
    return contents(place, outputs_of(stage, project, place))


def outputs_of(stage: dict[str, Any], project: Project, place: Path) -> set[Path]:
    """The outputs of a stage in a copy of the project, and those of its manifest."""
    outputs = {place / Path(name).relative_to(project.folder) for name in stage["outputs"]}
    return outputs | {path for output in outputs for path in listed(output)}


def contents(place: Path, files: set[Path]) -> dict[str, bytes]:
    return {str(path.relative_to(place)): repeatable(path.read_bytes()) for path in sorted(files)}


def repeatable(content: bytes) -> bytes:
    """What a file holds; of one with times on a clock, which no second run has, the names of its figures."""
    return "\n".join(json.loads(content)).encode() if b'"kind": "measured"' in content[:100] else content


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


def check(project: Project, folder: Path, *arguments: str) -> set[str]:
    """Run and hold every stage of a build; the names of what they wrote."""
    listings: set[Path] = set()
    done: set[str] = set()
    for stage in ordered(project.built("-n", *arguments, plan=True).plan):
        outputs, reads = set(map(Path, stage["outputs"])), set(map(Path, stage["reads"]))
        found, written = opened(stage["command"], project, folder)
        name = stage["command"][0]
        listings |= {path for output in outputs for path in listed(output)}
        log = {Path(stage["log"])} if stage["log"] else set()
        read = {path for path in found if path.is_file()} - written - outputs
        assert {str(path) for path in read - reads - listings - log} == set(), name
        assert {str(path) for path in written - outputs - listings - log} == set(), name
        assert all(path.is_file() for path in outputs), name
        beside = {path for file in reads for path in listed(file)}
        alone = made_of_what_it_names(stage, project, reads | beside, folder)
        assert alone == contents(project.folder, outputs_of(stage, project, project.folder)), name
        done |= {path.name for path in outputs}
    return done


needs_compiler = pytest.mark.skipif(shutil.which("arm-none-eabi-gcc") is None, reason="no compiler for Cortex-M")


@needs_compiler
def test_stages_need_what_they_name(project: Project, tmp_path: Path) -> None:
    done = check(project, tmp_path, "target=linux,micro", "model=net.tflite")
    assert {"firmware.elf", "bundle.json", "plan.svg", "report.json"} <= done


@needs_compiler
@pytest.mark.live_all
@pytest.mark.parametrize("target", ["mcu", "mcu-m0", "mcu-m55", "mcu-rv32imc", "rpi", "rpi-armhf", "phone"])
@pytest.mark.parametrize("model", ["tiny", "net.tflite"])
def test_stages_of_our_own_targets_need_what_they_name(
    project: Project, tmp_path: Path, target: str, model: str
) -> None:
    for file in (ROOT / "targets").glob("*.toml"):
        shutil.copy(file, project.folder / "targets")
    for name, text in TRAINED.items():
        (project.folder / "models/tiny" / name).write_text(text)
    assert "report.json" in check(project, tmp_path, f"target={target}", f"model={model}")
