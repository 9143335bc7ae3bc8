"""Equal inputs give equal bytes, however many stages run at once, and wherever and for whom they run."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from testbench.books import BOOKS
from testbench.nets import RELU, Net, to_tflite
from tests.builds.conftest import Project

TARGETS = {
    "micro": 'board = "mps2-an386"\nruntime = "aot"\n[measure]\ntransport = "qemu"\nruns = 1\n',
    "risc": 'board = "qemu-virt-rv32imc"\nruntime = "aot"\n[measure]\ntransport = "none"\n',
    "mobile": 'board = "android-arm64"\nruntime = "litert"\n[measure]\ntransport = "none"\n',
}
"""None of their figures is a time."""
ALWAYS = "micro"
"""The target whose build has files of all kinds; `--slow` builds for all."""


def artifacts(project: Project) -> dict[str, str]:
    """Every file that a build left, by its hash."""
    folder = project.folder / "build"
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name not in BOOKS]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


@pytest.mark.slow  # two people stand for it, and tests/training/test_training.py for what is trained
def test_two_clean_builds_are_equal(pristine: Project, tmp_path: Path) -> None:
    found = []
    for index, jobs in enumerate(("-j1", "-j2")):
        project = Project(pristine.clone(tmp_path / f"clone {index}").folder, Path("off"))
        project.edit("targets/small.toml", '"never"', '"always"')
        result = project.scons(jobs, "headers")
        assert result.returncode == 0, result.stdout + result.stderr
        found.append(artifacts(project))
    assert len(found[0]) >= 5
    assert found[0] == found[1]


def locales() -> list[str]:
    """Two locales of this machine."""
    known = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout.split()
    return [known[0], known[-1]] if known else ["C", "C"]


def built_by(project: Project, targets: str, umask: int, jobs: str, **environment: str) -> dict[str, str]:
    """All artifacts of a brought model; a person has an environment and a umask."""
    command, theirs = project.command(jobs, f"target={targets}", "model=net.tflite")
    done = subprocess.run(
        command,
        cwd=project.folder,
        env={**theirs, **environment},
        umask=umask,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return artifacts(project)


@pytest.mark.skipif(
    not all(map(shutil.which, ("arm-none-eabi-gcc", "riscv64-unknown-elf-gcc", "qemu-system-arm"))),
    reason="no compiler or emulator of microcontrollers",
)
def test_two_people_build_the_same(pristine: Project, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    targets = ",".join(TARGETS) if pytestconfig.getoption("--slow") else ALWAYS
    first = Project(pristine.clone(tmp_path / "a").folder, Path("off"))
    for name, text in TARGETS.items():
        (first.folder / f"targets/{name}.toml").write_text(f'description = "{name}"\n{text}')
    chance = np.random.default_rng(5)
    net = Net()
    x = net.input((1, 6, 5, 3), 0.05, -4)
    x = net.conv(x, chance.integers(-127, 128, (8, 3, 3, 3)), chance.integers(-500, 500, 8), 0.1, -128, act=RELU)
    (first.folder / "net.tflite").write_bytes(to_tflite(net.graph(x)))
    second = Project(first.clone(tmp_path / "another place/deeper").folder, Path("off"))
    homes = [tmp_path / "ann", tmp_path / "bob of the lab"]
    for home in homes:
        home.mkdir()
    one, other = locales()
    ann = {"HOME": str(homes[0]), "TZ": "UTC", "LANG": one, "LC_ALL": one, "PYTHONHASHSEED": "1", "USER": "ann"}
    bob = {"HOME": str(homes[1]), "TZ": "Asia/Kathmandu", "LANG": other, "LC_ALL": other, "PYTHONHASHSEED": "77"}
    made = built_by(first, targets, 0o022, "-j1", **ann)
    again = built_by(second, targets, 0o077, "-j2", **bob, USER="bob", COLUMNS="61", TMPDIR=os.fspath(homes[1]))
    assert {Path(name).suffix for name in made} >= {".tflite", ".c", ".h", ".elf", ".hex", ".bin", ".map", ".json"}
    assert made == again
