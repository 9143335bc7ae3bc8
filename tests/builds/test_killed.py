"""A build that was killed leaves nothing that the next one takes for finished."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from edgewright import scratch
from tests.builds.conftest import Project


def processes_of(folder: Path) -> list[int]:
    """Process numbers of everything that runs in the project's folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if (entry / "cwd").readlink() == folder:
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def wait_for(path: Path, process: subprocess.Popen[Any]) -> None:
    deadline = time.monotonic() + 120
    while not path.exists():
        assert process.poll() is None, "the build ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.05)


def alone(project: Project) -> tuple[list[str], dict[str, str]]:
    """A build with a warm process of its own, which must end with it."""
    command, environment = project.command("headers")
    return command, {name: value for name, value in environment.items() if not name.startswith("EDGEWRIGHT_WARM")}


@pytest.mark.parametrize("victim", ["scons", "stage"])
def test_killed_while_compressing(
    pristine: Project, tmp_path: Path, victim: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Project(pristine.clone(tmp_path / "p").folder, Path("off"))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    command, environment = alone(project)
    process = subprocess.Popen(
        command, cwd=project.folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    wait_for(project.folder / "build/models/tiny/float.h5", process)
    for pid in [process.pid] if victim == "scons" else set(processes_of(project.folder)) - {process.pid}:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    process.wait(timeout=60)
    result = project.scons("headers")
    assert result.returncode == 0, result.stdout + result.stderr
    header = project.folder / "build/small/tiny/tiny_tflite.h"
    assert "TINY_TFLITE" in header.read_text().upper()
    left = [path for path in (project.folder / "build").rglob("*") if ".tmp" in path.name]
    assert left == [] or victim == "scons", left
    assert list(temporary.glob(f"{scratch.PREFIX}*")) == [], "the next build has cleared away what the killed one left"


@pytest.mark.parametrize("sent", [signal.SIGTERM, pytest.param(signal.SIGHUP, marks=pytest.mark.slow), signal.SIGKILL])
def test_no_stage_outlives_its_build(pristine: Project, tmp_path: Path, sent: signal.Signals) -> None:
    project = Project(pristine.clone(tmp_path / "p").folder, Path("off"))
    project.edit("models/tiny/model.py", "def build():", "def build():\n    hold()")
    project.edit("models/tiny/model.py", "from tensorflow import keras\n", HOLDING)
    command, environment = alone(project)
    process = subprocess.Popen(
        command, cwd=project.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    wait_for(project.folder / "models/tiny/holds", process)
    os.kill(process.pid, sent)
    process.communicate(timeout=60)
    assert process.returncode not in (0, None)
    deadline = time.monotonic() + 30
    while left := processes_of(project.folder):
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


HOLDING = """\
import time
from pathlib import Path
from typing import Any
from tensorflow import keras


def hold():
    Path(__file__).with_name("holds").touch()
    time.sleep(600)
"""
