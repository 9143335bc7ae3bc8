"""An architecture that another package brings: its boards are checked, and models compile for them by its costs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from edgewright.home import home
from testbench.nets import RELU, Net, to_tflite

ARCHITECTURE = """
import re
from pathlib import Path

from edgewright.arch import Architecture, Effect

ARCHITECTURE = Architecture(
    name="Stub",
    arch=r"stub32",
    spelled="stub32",
    machine=0xFEED,
    tools="",
    packages="gcc",
    clang_target="x86_64-linux-gnu",
    folder="stub",
    qemu="qemu-system-stub",
    qemu_package="qemu-stub",
    program_counter=re.compile(rb"pc=([0-9a-f]+)"),
    comment=re.compile("#"),
    effect=lambda mnemonic, operands: Effect(),
    cycles=lambda code, costs: costs.load * len(code),
    costs_like=lambda arch, has_dsp, has_mve: "stub-one",
    costs=(Path(__file__).parent / "costs",),
)
"""
ENTRY = "[edgewright.arch]\nstub = stub_arch\n"
COSTS = """uses = "rv32imc"
[sources]
instructions = "the stub's manual"
[instructions]
load = 3
"""
BOARD = """
description = "a board of the stub"

[core]
cpu   = "stub-two"
arch  = "ARCH"
clock = "10 MHz"

[memory]
flash = { origin = 0, size = "64 KiB" }
ram   = { origin = 0x20000000, size = "64 KiB" }

[toolchain]
cpu_flags = []
"""
TARGET = 'description = "the stub"\nboard = "stub-board"\nruntime = "aot"\n[measure]\ntransport = "none"\n'
CHECK = """
import json, sys
from pathlib import Path
from edgewright.arch import instructions_of
from edgewright.errors import UserError
from edgewright.home import home
from edgewright.spec import load_project
try:
    core = load_project(Path.cwd(), home()).targets["stub"].board.core
except UserError as error:
    sys.exit(str(error))
print(json.dumps([core.cpu, core.arch, instructions_of("stub-one", core.arch).load]))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a board of the stub, and a package of the stub's architecture beside it."""
    outside = tmp_path / "outside"
    for name, text in {
        "stub_arch.py": ARCHITECTURE,
        "stub_arch-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: stub-arch\nVersion: 1.0\n",
        "stub_arch-1.0.dist-info/entry_points.txt": ENTRY,
        "costs/stub-one.toml": COSTS,
    }.items():
        (outside / name).parent.mkdir(parents=True, exist_ok=True)
        (outside / name).write_text(text)
    folder = shutil.copytree(home() / "tests/failing/_base", tmp_path / "project")
    (folder / "targets/boards/stub-board.toml").write_text(BOARD.replace("ARCH", "stub32"))
    (folder / "targets/stub.toml").write_text(TARGET)
    return folder


def python(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command that sees the stub's package."""
    path = os.pathsep.join([str(project.parent / "outside"), str(home())])
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.run(
        [sys.executable, *words], cwd=project, env=environment, capture_output=True, text=True, check=False
    )


def test_its_boards_are_checked(project: Path) -> None:
    done = python(project, "-c", CHECK)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == ["stub-two", "stub32", 3.0]
    (project / "targets/boards/stub-board.toml").write_text(BOARD.replace("ARCH", "stub33"))
    assert "core.arch: no architecture of a microcontroller, got 'stub33'" in python(project, "-c", CHECK).stderr


def test_a_model_compiles_for_it_by_the_costs_that_it_names(project: Path) -> None:
    net = Net()
    x = net.input((1, 6, 6, 4))
    weights = [[[[(f + c) % 7 - 3 for c in range(4)] for _ in range(3)] for _ in range(3)] for f in range(5)]
    (project / "net.tflite").write_bytes(to_tflite(net.graph(net.conv(x, weights, [0] * 5, act=RELU))))
    options = {"core": {"cpu": "stub-two", "arch": "stub32"}, "compile": {"weights": "coded"}}
    words = ("--model", "net.tflite", "--name", "net", "--out-dir", "c", "--options", json.dumps(options))
    done = python(project, "-m", "edgewright.stages.microcontroller.compile", *words)
    assert done.returncode == 0, done.stderr
    facts = json.loads((project / "c/compile.json").read_text())
    assert (facts["core"], facts["costs"]) == ("stub-two", "rv32imc")
    assert {layer["variant"] for layer in facts["layers"]} <= {"ref", "coded"}
    flags = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-c", "net.c", "-o", "net.o")
    subprocess.run(["gcc", *flags], cwd=project / "c", check=True)
