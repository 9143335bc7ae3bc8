"""Stages on two workers of the real engine: what goes there, what comes back, and what is done when one is lost."""

from __future__ import annotations

import logging
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from edgewright.errors import ToolError, is_of_machine
from edgewright.executors import Needs, Tls, address_of, dask
from edgewright.remote import Remote, _client, _environment
from testbench.far import far
from tests.remote.builds import ALL, built, create, outputs
from tests.remote.cluster import WAIT_S, Cluster, stage

COPY = "import hashlib; text = open('in/common').read() + open('in/{0}').read(); open('out/{0}', 'w').write(text * 9)"


def run_all(remote: Remote, stages: list) -> list[int]:
    with ThreadPoolExecutor(len(stages)) as pool:
        return list(pool.map(remote.run, stages))


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def await_file(path: Path) -> None:
    end = time.monotonic() + WAIT_S
    while not path.exists():
        assert time.monotonic() < end, path
        time.sleep(0.02)


def test_eight_stages(cluster: Cluster, remote: Remote, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[str, str]] = []
    put = _client._Job._put
    monkeypatch.setattr(
        _client._Job,
        "_put",
        lambda job, found: (sent.extend((job.worker, digest) for digest, _ in found), put(job, found)),
    )
    names = [str(number) for number in range(8)]
    (root / "in").mkdir()
    for name in ("common", *names):
        (root / "in" / name).write_text(f"{name}\n" * 1000)
    stages = [
        stage(root, "import os; os.mkdir('out'); " + COPY.format(n), ("in/common", f"in/{n}"), (f"out/{n}",))
        for n in names
    ]
    assert run_all(remote, stages) == [0] * 8
    common = (root / "in/common").read_text()
    assert [(root / "out" / name).read_text() for name in names] == [
        (common + f"{name}\n" * 1000) * 9 for name in names
    ]
    assert files(root) == {f"{place}/{name}" for place in ("in", "out") for name in names} | {"in/common"}
    assert len(sent) == len(set(sent)), "each content goes to a worker once"
    assert 9 <= len(sent) <= 10
    assert {worker for worker, _ in sent} <= {cluster.address_of(name) for name in ("one", "two")}


def test_what_a_stage_says_and_how_it_fails(
    remote: Remote, root: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    ran = tmp_path / "ran"
    code = f"""import sys
open({str(ran)!r}, 'a').write('x')
print('begins \\x1b[31m', flush=True)
open('half', 'w').write('half')
print('error: no such layer', file=sys.stderr)
sys.exit(2)"""
    assert remote.run(stage(root, code, outputs=("half",))) == 2
    said = capfd.readouterr()
    assert (said.out, said.err) == ("begins \\x1b[31m\n", "error: no such layer\n")
    assert ran.read_text() == "x"
    assert files(root) == set()


def test_large_files_manifests_and_what_is_removed(remote: Remote, root: Path) -> None:
    (root / "c").mkdir()
    (root / "c/old.h").write_text("old")
    (root / "c/own.txt").write_text("own")
    (root / "large").write_bytes(os.urandom(9 << 20))
    code = """import hashlib, json, os
content = open('large', 'rb').read()
os.unlink('c/old.h')
open('c/new.h', 'wb').write(content[::-1])
open('c/list.json', 'w').write(json.dumps({'files': {'new.h': hashlib.sha256(content[::-1]).hexdigest()}}))"""
    shipped = stage(root, code, ("large",), ("c/list.json",), manifest="c/list.json", there=("c/old.h", "c/own.txt"))
    assert remote.run(shipped) == 0
    assert (root / "c/new.h").read_bytes() == (root / "large").read_bytes()[::-1]
    assert files(root) == {"large", "c/list.json", "c/new.h", "c/own.txt"}


def test_given_up(cluster: Cluster, root: Path, tmp_path: Path) -> None:
    stop, begun = threading.Event(), tmp_path / "begun"
    remote = cluster.remote(root, stop)
    code = f"import os, time; open({str(begun)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    with ThreadPoolExecutor(1) as pool:
        status = pool.submit(remote.run, stage(root, code, outputs=("never",)))
        await_file(begun)
        while not begun.read_text():
            time.sleep(0.02)
        stop.set()
        assert status.result(WAIT_S) == 130
    remote.close()
    gone(int(begun.read_text()))
    assert files(root) == set()


def gone(pid: int) -> None:
    end = time.monotonic() + WAIT_S
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < end, pid
        time.sleep(0.05)


def test_resources(
    cluster: Cluster,
    remote: Remote,
    root: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each worker has a core: of four stages at most two run at once. What nobody has is refused."""
    running = tmp_path / "running"
    running.mkdir()
    code = f"""import os, time
place = {str(running)!r} + '/' + str(os.getpid())
open(place, 'w')
time.sleep(0.2)
open('most', 'w').write(str(len(os.listdir({str(running)!r}))))
os.unlink(place)"""
    stages = [
        stage(root, code.replace("'most'", f"'most{n}'"), outputs=(f"most{n}",), needs=Needs(cpu=4, ram_bytes=1))
        for n in range(4)
    ]
    assert run_all(remote, stages) == [0] * 4
    assert max(int((root / f"most{n}").read_text()) for n in range(4)) <= 2
    monkeypatch.setattr(_client, "_WAIT_S", 0.5)
    assert remote.run(stage(root, "", needs=Needs(gpu=2, ram_bytes=1))) == 4
    said = capfd.readouterr().err
    assert f"a stage waits for a worker that has what it needs: edgewright worker {cluster.address} --gpu 2\n" in said
    assert "has what it needs: cpu 1, ram 1, gpu 2" in said
    assert not remote.has_board("/dev/ttyACM0")


def test_all_disks_are_full(root: Path) -> None:
    class Full:
        def workers(self) -> dict[str, dict[str, float]]:
            return {"tcp://full": {"cpu": 1, "ram": 1}, "tcp://small": {"cpu": 1, "ram": 0}}

    remote = Remote(address_of("dask://127.0.0.1:1", Tls(), "test"), root, threading.Event())
    with pytest.raises(ToolError, match="that can run it is full: tcp://full; tcp://small cannot run it\n  hint: make"):
        remote._fitting(Full(), stage(root, ""), {"tcp://full"})  # type: ignore[arg-type]


def test_all_targets_at_once(cluster: Cluster, alone: dict[str, str], tmp_path: Path) -> None:
    folder = create(tmp_path / "project")
    said = built(folder, cluster.address, "-j32", *ALL)
    assert outputs(folder) == alone
    assert said.count("ran edgewright.stages") > 40


def test_a_scheduler_that_is_far_away(alone: dict[str, str], tmp_path: Path) -> None:
    """Each byte takes a twentieth of a second from and to the scheduler, of the build and of its worker."""
    pytest.importorskip("distributed")
    cluster = Cluster(tmp_path / "cluster")
    try:
        cluster.scheduler.awaits("listens")
        with far(int(cluster.address.rpartition(":")[2]), 0.05) as port:
            cluster.address = f"dask://127.0.0.1:{port}"
            cluster.add("one")
            folder = create(tmp_path / "project")
            built(folder, cluster.address, "-j32", "target=micro", "model=tiny")
    finally:
        cluster.end()
    made = {name: text for name, text in outputs(folder).items() if "/micro/" in name}
    assert len(made) > 10
    assert made.items() <= alone.items()


def test_a_stage_waits_for_a_worker_that_has_what_it_needs(cluster: Cluster, remote: Remote, root: Path) -> None:
    code = "import os; open('parent', 'w').write(str(os.getppid()))"
    with ThreadPoolExecutor(1) as pool:
        status = pool.submit(remote.run, stage(root, code, outputs=("parent",), needs=Needs(ram_bytes=1, gpu=1)))
        cluster.add("with-gpu", options=("--cpu", "1", "--gpu", "1"))
        assert status.result(WAIT_S) == 0
    with_gpu = cluster.workers.pop("with-gpu")
    assert int((root / "parent").read_text()) == with_gpu.process.pid
    assert with_gpu.end() == 0


def test_other_software_is_refused(
    cluster: Cluster, root: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    described = _environment.described
    monkeypatch.setattr(_environment, "described", lambda *of: {**described(*of), "package numpy": "0.1"})
    remote = cluster.remote(root)
    assert [remote.run(stage(root, "")) for _ in range(2)] == [4, 4]
    remote.close()
    said = capfd.readouterr().err
    assert said.count("error:") == 1
    assert "package numpy is " in said
    assert "here it is 0.1" in said
    assert is_of_machine(said), "a search ends by it, and counts no trial"


def test_other_software_that_comes_later_is_refused_once(
    cluster: Cluster, remote: Remote, root: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Once of each worker, whatever the number of stages that it was sent."""
    assert remote.run(stage(root, "")) == 0
    described = _environment.described
    monkeypatch.setattr(_environment, "described", lambda *of: {**described(*of), "package numpy": "0.1"})
    assert run_all(remote, [stage(root, "") for _ in range(8)]) == [4] * 8
    told = [line for line in capfd.readouterr().err.splitlines() if line.startswith("error: ")]
    assert len(told) == len(set(told)) <= len(cluster.workers)
    assert all("package numpy is" in line for line in told)


def test_a_worker_is_killed(
    cluster: Cluster, remote: Remote, root: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """One worker is left."""
    begun = tmp_path / "begun"
    code = f"""import os, time
first = not os.path.exists({str(begun)!r})
open('half', 'w').write('half')
open({str(begun)!r}, 'a').write(f'{{os.getppid()}} {{os.getpid()}}\\n')
time.sleep(600 if first else 0)
open('half', 'w').write('whole')"""
    with ThreadPoolExecutor(1) as pool:
        status = pool.submit(remote.run, stage(root, code, outputs=("half",)))
        await_file(begun)
        while not begun.read_text().endswith("\n"):
            time.sleep(0.02)
        parent, child = map(int, begun.read_text().split())
        victim = next(each for each in cluster.workers.values() if each.process.pid == parent)
        victim.kill()
        assert status.result(WAIT_S) == 0
    gone(child)
    assert (root / "half").read_text() == "whole"
    assert files(root) == {"half"}
    assert "begins anew" in capfd.readouterr().err


def test_the_last_worker_is_killed(
    cluster: Cluster,
    remote: Remote,
    root: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The last test here: what was sent and has no worker any more is told of, and is not waited for without end."""
    monkeypatch.setattr(dask, "_LOOK_S", 0.1)
    monkeypatch.setattr(_client, "_WAIT_S", 1.0)
    begun = tmp_path / "begun"
    code = f"import time; open('half', 'w').write('half'); open({str(begun)!r}, 'w'); time.sleep(600)"
    with ThreadPoolExecutor(1) as pool:
        status = pool.submit(remote.run, stage(root, code, outputs=("half",)))
        await_file(begun)
        for worker in cluster.workers.values():
            worker.kill()
        assert status.result(WAIT_S) == 4
    said = capfd.readouterr().err
    assert said.count(f"note: no worker is there yet: edgewright worker {cluster.address}\n") == 1
    assert said.count("error: ") == 1
    assert "there: no worker is there" in said
    assert files(root) == set()


def test_the_engine_has_no_lines_of_its_own(cluster: Cluster, remote: Remote) -> None:
    """A connection that is lost is told of by ours; the library's loggers would add a traceback."""
    assert not remote.has_board("none")
    known = [name for name in logging.root.manager.loggerDict if name.split(".")[0] in {"distributed", "tornado"}]
    assert "distributed.client" in known
    assert [name for name in known if logging.getLogger(name).isEnabledFor(logging.CRITICAL)] == []
