"""A board at a worker: the measurement runs there, on the firmware that was built here, and nowhere else."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edgewright.devices._lock import lock_path
from edgewright.files import read_json
from tests.remote.cluster import ROOT, WAIT_S, Cluster

pytestmark = pytest.mark.slow

BOARD = "mps2-an386"
MODEL = "testbench/zoo/files/tf-int8/softmax_axis.tflite"
SCONSTRUCT = """\
DefaultEnvironment(tools=[])
env = Environment(tools=["edge"], toolpath=[PyPackageDir("edgewright.scons")])
env.EdgeProject(target="kit")
"""
TARGET = """\
description = "a board on a serial line"
board = "{board}"
runtime = "aot"
[measure]
transport = "serial"
port = "{port}"
runs = 2
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "targets").mkdir(parents=True)
    (folder / "SConstruct").write_text(SCONSTRUCT)
    shutil.copyfile(ROOT / MODEL, folder / "net.tflite")
    return folder


def build(folder: Path, *words: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "EDGEWRIGHT_CACHE": str(folder.parent / "cache-here")}
    command = [sys.executable, "-m", "edgewright.scons", "target=kit", "model=net.tflite", "cache=off", *words]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=WAIT_S, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def board(elf: Path) -> Iterator[str]:
    """The serial port of a board that runs a firmware."""
    command = ["qemu-system-arm", "-M", BOARD, "-display", "none", "-nodefaults", "-icount", "shift=0"]
    with subprocess.Popen([*command, "-serial", "pty", "-kernel", str(elf)], stdout=subprocess.PIPE, text=True) as qemu:
        try:
            assert qemu.stdout
            found = re.search(r"redirected to (/dev/pts/\d+)", qemu.stdout.readline())
            assert found
            yield found[1]
        finally:
            qemu.kill()


def test_a_board_at_a_worker(project: Path, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    if shutil.which("qemu-system-arm") is None:
        pytest.skip("no qemu-system-arm")
    target = project / "targets/kit.toml"
    target.write_text(TARGET.format(board=BOARD, port="/dev/ttyACM0"))
    build(project, "firmware")
    cluster = Cluster(tmp_path / "cluster")
    try:
        with board(project / "build/kit/net/firmware.elf") as port:
            target.write_text(TARGET.format(board=BOARD, port=port))
            cluster.add("plain")
            cluster.add("lab", options=("--cpu", "1", "--board", f"serial:{port}"))
            said = build(project, "-j2", "measure", f"executor={cluster.address}")
    finally:
        cluster.end()
    latency = read_json(project / "build/kit/net/latency.json")
    assert latency["kind"] == "measured", said
    own = lock_path(f"serial:{port}").name
    assert list((tmp_path / "cluster/cache").rglob(own)), "it did not run at the worker"
    assert not list((tmp_path / "cache-here").rglob(own)), "it ran here"
    assert not list((tmp_path / "cluster/lab/jobs").iterdir())
