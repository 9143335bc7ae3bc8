"""Whole builds in the middle of which something ends or comes: Ctrl-C, a worker that is told to end, one that joins."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.remote.builds import ALL, build, built, create, outputs
from tests.remote.cluster import WAIT_S, Cluster
from tests.remote.test_remote import await_file, gone

pytestmark = pytest.mark.slow


def test_ctrl_c(cluster: Cluster, alone: dict[str, str], tmp_path: Path) -> None:
    """What runs on workers ends, what was made is whole, and the next build goes on after it on the same workers."""
    folder, begun = create(tmp_path / "project"), tmp_path / "begun"
    with build(folder, cluster.address, "-j32", *ALL, waits=f"training.train={begun}") as process:
        await_file(begun)
        os.killpg(process.pid, signal.SIGINT)
        said = process.communicate(timeout=WAIT_S)[0]
    assert process.returncode == 130, said
    assert said.endswith("interrupted: the next build goes on after what is finished\n")
    assert "Traceback" not in said
    gone(int(begun.read_text()))
    made = outputs(folder)
    assert made.items() <= alone.items()
    assert "build/models/tiny/float.h5" not in made
    said = built(folder, cluster.address, "-j32", *ALL)
    assert outputs(folder) == alone
    assert "ran edgewright.stages.training.data" not in said


def test_workers_that_end_and_that_come(cluster: Cluster, alone: dict[str, str], tmp_path: Path) -> None:
    """The last test here: of a worker that is told to end others take the work; one that joined meanwhile gets some."""
    folder, begun = create(tmp_path / "project"), tmp_path / "begun"
    with build(folder, cluster.address, "-j32", *ALL, waits=f"training.train={begun}") as process:
        await_file(begun)
        stub = int(begun.read_text())
        of = next(name for name, each in cluster.workers.items() if each.process.pid == parent_of(stub))
        cluster.add("three")
        os.kill(stub, signal.SIGSTOP)
        begun.with_name("begun.go").touch()  # for whoever runs it next
        assert cluster.workers[of].end() == 0
        gone(stub)
        said = process.communicate(timeout=WAIT_S)[0]
    assert process.returncode == 0, said
    assert "begins anew" in said
    assert outputs(folder) == alone
    assert list((cluster.folder / "three/store").glob("??/*")), "it ran nothing"
    assert not list((cluster.folder / "three/jobs").iterdir())


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
