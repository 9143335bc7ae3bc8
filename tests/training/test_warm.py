"""The warm process: it must only ever make a build faster, whatever is killed."""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from testbench.stages import Stages

ROOT = Path(__file__).parents[2]

# says in which process it runs, then waits until it may go on
SLOW = """
import os, time
from pathlib import Path
here = Path(__file__).parent
(here / "pid").write_text(f"{os.getpid()} {os.getppid()}")
while (here / "wait").exists():
    time.sleep(0.01)

def build():
    return keras.Sequential([keras.layers.Flatten(input_shape=(6, 6, 1)), keras.layers.Dense(2, activation="softmax")])
"""


@pytest.fixture(scope="session")
def stages(forked: Stages) -> Stages:
    """Each in a process of its own."""
    return forked


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def lives(pid: int) -> bool:
    """Whether the process is there and no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def servers_of(owner: subprocess.Popen[bytes]) -> list[int]:
    """The warm servers that end with a process."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (folder / "cmdline").read_text().split("\0")
            if "edgewright.training._warm_server" in words and words[4] == str(owner.pid):
                found.append(int(folder.name))
    return found


def finish(process: subprocess.Popen[str]) -> str:
    """Wait for the stage, which must succeed; give what it printed."""
    printed, _ = process.communicate(timeout=60)
    assert process.returncode == 0, printed
    return printed


class Build:
    """A stage that waits, on a warm server of its own."""

    def __init__(self, stages: Stages, source: Path) -> None:
        self.stages = stages
        self.folder = source.parent
        self.out = source.with_name("float.h5")
        self.files = ("--source", source, "--out", self.out, "--stats", self.out.with_suffix(".json"))
        self.options = {"data": {"validation": 50}, "train": {"epochs": 1}}

    def begin(self) -> subprocess.Popen[str]:
        """Start the stage and wait until it is at work, waiting."""
        (self.folder / "wait").touch()
        (self.folder / "pid").unlink(missing_ok=True)
        process = self.stages.start("train", *self.files, **self.options)
        until(lambda: (self.folder / "pid").exists() and (self.folder / "pid").read_text())
        return process

    def release(self) -> None:
        (self.folder / "wait").unlink()

    def run(self) -> tuple[int, str]:
        """A whole run: the parent of the process that did the work, and what was printed."""
        process = self.begin()
        _, parent = self.pids
        self.release()
        return parent, finish(process)

    @property
    def pids(self) -> tuple[int, int]:
        """The process that does the work, and its parent."""
        worker, parent = (self.folder / "pid").read_text().split()
        return int(worker), int(parent)


@pytest.fixture
def build(stages: Stages, model_py: Any) -> Build:
    """On the warm server of the session."""
    return Build(stages, model_py(SLOW))


@pytest.fixture
def owner() -> Iterator[subprocess.Popen[bytes]]:
    """A process that owns a server, as scons does."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.communicate()


@pytest.fixture
def owned(alone: Stages, owner: subprocess.Popen[bytes], tmp_path: Path, model_py: Any) -> Build:
    """On a server that belongs to `owner`."""
    socket = tmp_path / ("long" * 30) / "socket"  # longer than the address of a Unix socket may be
    socket.parent.mkdir()
    return Build(alone.but(EDGEWRIGHT_WARM=socket, EDGEWRIGHT_WARM_OWNER=owner.pid), model_py(SLOW))


def test_stages_share_one_server(build: Build) -> None:
    process = build.begin()
    _, server = build.pids
    assert server != process.pid
    build.release()
    finish(process)
    assert build.run()[0] == server


def test_killed_client_takes_its_stage_along(build: Build) -> None:
    process = build.begin()
    worker, server = build.pids
    build.stages.kill(process)
    until(lambda: not lives(worker))
    assert lives(server)
    assert not build.out.exists()


def test_killed_stage_is_reported(build: Build) -> None:
    process = build.begin()
    os.kill(build.pids[0], signal.SIGKILL)
    printed, _ = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGKILL
    assert "edgewright.stages.training.train was killed by SIGKILL" in printed


ENDS_ITSELF = """
import os, signal
from edgewright.training.quiet import doing

def build():
    with doing("tiny: a library converts it"):
        pass
    with doing("tiny: a library runs it"):
        os.kill(os.getpid(), signal.SIGABRT)
"""


def test_a_library_that_ends_the_process_is_told_with_what_it_was_doing(stages: Stages, model_py: Any) -> None:
    source = model_py(ENDS_ITSELF)
    out = source.with_name("float.h5")
    files = ("--source", source, "--out", out, "--stats", out.with_suffix(".json"))
    process = stages.start("train", *files, data={"validation": 50}, train={"epochs": 1})
    printed, _ = process.communicate(timeout=60)
    assert process.returncode == 4
    assert "error: tiny: a library runs it, and ended its process (SIGABRT) instead of saying why\n  hint: " in printed
    assert not out.exists()


def test_ctrl_c_reaches_the_stage(build: Build) -> None:
    process = build.begin()
    process.send_signal(signal.SIGINT)
    printed, _ = process.communicate(timeout=60)
    assert (process.returncode, printed) == (130, "")
    assert not lives(build.pids[0])


def test_stage_runs_alone_when_the_server_dies(owned: Build) -> None:
    process = owned.begin()
    worker, server = owned.pids
    assert server != process.pid
    os.kill(server, signal.SIGKILL)
    until(lambda: not lives(worker))
    until(lambda: owned.pids[1] == process.pid)
    owned.release()
    finish(process)
    assert owned.out.exists()


def test_server_lives_as_long_as_it_is_of_use(owned: Build, owner: subprocess.Popen[bytes], tmp_path: Path) -> None:
    shutil.copytree(ROOT / "edgewright", tmp_path / "edgewright", ignore=shutil.ignore_patterns("__pycache__"))
    owned.stages = owned.stages.but(folder=tmp_path, EDGEWRIGHT_WARM_IDLE_S="inf")
    ahead = [sys.executable, "-m", "edgewright.training.warm"]
    subprocess.run(ahead, cwd=tmp_path, env=owned.stages.environment, check=True)
    started = servers_of(owner)
    first, printed = owned.run()
    assert started == [first], "it is started ahead, and once"
    assert printed.startswith("train tiny")

    # edited code of a stage: the same server, the new code
    edited = tmp_path / "edgewright/stages/training/train.py"
    edited.write_text(edited.read_text().replace('f"train {', 'f"teach {'))
    second, printed = owned.run()
    assert second == first
    assert printed.startswith("teach tiny")

    # our own package in another place: the same server, with the code of that place
    copy = tmp_path / "another"
    shutil.copytree(tmp_path / "edgewright", copy / "edgewright")
    edited = copy / "edgewright/stages/training/train.py"
    edited.write_text(edited.read_text().replace('f"teach {', 'f"show {'))
    (tmp_path / "empty").mkdir()
    owned.stages = owned.stages.but(folder=tmp_path / "empty", PYTHONPATH=copy)
    same, printed = owned.run()
    assert same == first
    assert printed.startswith("show tiny")

    # a library in another place: another server
    (tmp_path / "libraries").mkdir()
    shutil.copy(str(importlib.import_module("six").__file__), tmp_path / "libraries")
    owned.stages = owned.stages.but(folder=tmp_path, PYTHONPATH=tmp_path / "libraries")
    second, _ = owned.run()
    assert second != first
    until(lambda: not lives(first))

    # other settings of the libraries, which are read when they are imported: another server
    owned.stages = owned.stages.but(folder=tmp_path, TF_ENABLE_ONEDNN_OPTS="1")
    third, _ = owned.run()
    assert third != second
    until(lambda: not lives(second))

    # the end of the owner is the end of server and stage
    process = owned.begin()
    worker, server = owned.pids
    assert server == third
    owner.kill()
    owner.wait()
    until(lambda: not lives(server))
    until(lambda: not lives(worker))
    owned.stages.kill(process)


def test_without_a_server_stages_run_alone_and_leave_no_temporary_file(
    alone: Stages, tmp_path: Path, model_py: Any
) -> None:
    mine = tmp_path / "temporary"
    mine.mkdir()
    broken = alone.but(EDGEWRIGHT_WARM=tmp_path / "no/such/folder/socket", EDGEWRIGHT_WARM_OWNER=1, TMPDIR=mine)
    build = Build(broken, model_py(SLOW))
    process = build.begin()
    assert build.pids[1] == process.pid
    build.release()
    finish(process)
    assert build.out.exists()
    assert list(mine.rglob("*")) == []


def test_no_temporary_file_is_left(stages: Stages, tmp_path: Path, model_py: Callable[..., Path]) -> None:
    build, mine = Path(stages.environment["EDGEWRIGHT_WARM"]).parent, tmp_path / "temporary"
    mine.mkdir()
    before = set(build.glob("edgewright-*"))  # of stages that other tests killed: they go with the build's folder
    stages.but(TMPDIR=mine).train(model_py(), tmp_path / "float.h5", epochs=1)
    assert list(mine.rglob("*")) == []
    assert set(build.glob("edgewright-*")) == before


def test_mistakes_on_the_command_line_cost_no_start(alone: Stages, tmp_path: Path) -> None:
    socket = tmp_path / "socket"
    stages = alone.but(EDGEWRIGHT_WARM=socket, EDGEWRIGHT_WARM_OWNER=os.getpid())
    assert "--source" in stages.run("train", "--help")
    assert "required: --source" in stages.run("train", code=2)
    assert not socket.exists()


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)])
def test_a_stage_alone_ends_whole(alone: Stages, model_py: Any, sent: signal.Signals, code: int) -> None:
    build = Build(alone, model_py(SLOW))
    process = build.begin()
    worker, parent = build.pids
    assert parent == process.pid
    for pid in (parent, worker) if sent is signal.SIGINT else (parent,):  # a terminal sends Ctrl-C to both
        os.kill(pid, sent)
    printed, _ = process.communicate(timeout=60)
    assert (process.returncode, printed) == (code, "")
    until(lambda: not lives(worker))
    assert not build.out.exists()
