"""What is lost in the middle: scheduler, build, room on a disk; certificates; and a whole build on two workers."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from edgewright.errors import ToolError
from edgewright.executors import Tls, address_of, dask
from edgewright.remote import Remote
from tests.remote.cluster import BUILD, ROOT, WAIT_S, Cluster, Process, stage, tls_files
from tests.remote.test_remote import await_file, files, gone, run_all

pytestmark = pytest.mark.slow

PROJECT = """\
DefaultEnvironment(tools=[])
SetOption("no_progress", True)
env = Environment(tools=["edge"], toolpath=[PyPackageDir("edgewright.scons")])
env.EdgeProject(target="mcu")
"""


@pytest.fixture
def own_cluster(tmp_path: Path) -> Iterator[Cluster]:
    pytest.importorskip("distributed")
    made = Cluster(tmp_path / "cluster")
    try:
        made.add("one")
        yield made
    finally:
        made.end()


def sleeping(begun: Path) -> str:
    return f"""import os, time
open('half', 'w').write('half')
open({str(begun)!r} + '.part', 'w').write(str(os.getpid()))
os.rename({str(begun)!r} + '.part', {str(begun)!r})
time.sleep(600)"""


def test_the_scheduler_is_killed(
    own_cluster: Cluster, root: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    begun, remote = tmp_path / "begun", own_cluster.remote(root)
    with ThreadPoolExecutor(1) as pool:
        status = pool.submit(remote.run, stage(root, sleeping(begun), outputs=("half",)))
        await_file(begun)
        own_cluster.scheduler.kill()
        assert status.result(WAIT_S) == 4
    remote.close()
    assert "the scheduler is gone" in capfd.readouterr().err
    gone(int(begun.read_text()))
    assert files(root) == set()
    own_cluster.scheduler = Process(["scheduler", own_cluster.address], own_cluster.environment)
    own_cluster.workers["one"].awaits("works for", 2)
    again = own_cluster.remote(root)
    assert again.run(stage(root, "open('half', 'w').write('whole')", outputs=("half",))) == 0
    again.close()


def test_the_build_is_killed(own_cluster: Cluster, root: Path, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    words = [sys.executable, "-c", BUILD, own_cluster.address, str(root), sleeping(begun)]
    with subprocess.Popen(words, env={**os.environ, "PYTHONPATH": str(ROOT)}) as build:
        await_file(begun)
        build.kill()
    gone(int(begun.read_text()))
    assert files(root) == set()
    end = time.monotonic() + WAIT_S
    while list((own_cluster.folder / "one/jobs").iterdir()):
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "small"
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "none", str(place)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.parametrize("size", [4 << 20, 40 << 20])
def test_a_full_disk(
    own_cluster: Cluster, root: Path, small_disk: Path, size: int, capfd: pytest.CaptureFixture[str]
) -> None:
    """What the first worker has no room for goes to the other one, inputs and outputs."""
    own_cluster.workers["small"] = Process(
        ["worker", own_cluster.address, "--cold", "--cpu", "1", "--folder", str(small_disk / "work")],
        own_cluster.environment,
    )
    own_cluster.workers["small"].awaits("works for")
    (root / "in").write_bytes(os.urandom(size))
    code = "content = open('in', 'rb').read(); open('{0}', 'wb').write(content + content)"
    remote = own_cluster.remote(root)
    stages = [stage(root, code.format(f"out{n}"), ("in",), (f"out{n}",)) for n in range(4)]
    assert run_all(remote, stages) == [0] * 4
    remote.close()
    content = (root / "in").read_bytes()
    assert all((root / f"out{n}").read_bytes() == content * 2 for n in range(4))
    assert files(root) == {"in", *(f"out{n}" for n in range(4))}
    assert "goes elsewhere" in capfd.readouterr().err


def test_what_a_full_disk_bound_to_workers_that_die(
    own_cluster: Cluster, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that comes after them gets it."""
    monkeypatch.setattr(dask, "_LOOK_S", 0.2)
    begun = tmp_path / "begun"
    code = f"import os, time; open({str(begun)!r}, 'x'); time.sleep(600)"
    own_cluster.add("two")
    remote = own_cluster.remote(root)
    avoided = own_cluster.address_of("one")
    engine = remote._engine()
    send = engine.run
    monkeypatch.setattr(engine, "run", lambda *of: send(*of[:5], {avoided}, *of[6:]))
    with ThreadPoolExecutor(1) as pool:
        status = pool.submit(remote.run, stage(root, f"import os\nif not os.path.exists({str(begun)!r}): {code}"))
        await_file(begun)
        own_cluster.workers.pop("two").kill()
        own_cluster.add("three")
        assert status.result(WAIT_S) == 0
    remote.close()


def test_certificates(certificates: Path, root: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("distributed")
    named = {f"EDGEWRIGHT_TLS_{n.upper()}": str(certificates / f) for n, f in tls_files("ca", "me").items()}
    cluster = Cluster(tmp_path / "cluster", "dask+tls", named)
    try:
        cluster.add("one")
        assert remote_by(cluster, root, certificates, "ca", "me").run(stage(root, "print('let in')")) == 0
        assert "let in" in capfd.readouterr().out
        for authority, name in (("ca", "stranger"), ("other", "stranger")):
            assert remote_by(cluster, root, certificates, authority, name).run(stage(root, "print('let in')")) == 4
        said = capfd.readouterr()
        assert "let in" not in said.out
        assert said.err.count("error: dask+tls://127.0.0.1") == 2
        assert "what answers there shows a certificate that [tls] ca here has not signed" in said.err
        assert said.err.count("[tls] of both ends has to be of one authority") == 1
    finally:
        cluster.end()


def remote_by(cluster: Cluster, root: Path, folder: Path, authority: str, name: str) -> Remote:
    """A build that has these files, also those that do not fit and that `address_of` refuses."""
    own, other = (
        {key: folder / file for key, file in tls_files(*of).items()} for of in (("ca", "me"), (authority, name))
    )
    address = address_of(cluster.address, Tls(**own), "test")
    return Remote(replace(address, tls=Tls(**other)), root, threading.Event())


def test_a_whole_build(own_cluster: Cluster, tmp_path: Path) -> None:
    """The same files as on this machine alone, though a worker is killed in the middle; one has TensorFlow started."""
    own_cluster.add("two", warm=True)
    made = []
    for where in ("local", own_cluster.address):
        project = tmp_path / f"of-{len(made)}"
        shutil.copytree(ROOT / "models/digits", project / "models/digits")
        (project / "SConstruct").write_text(PROJECT)
        words = ["-j2", "target=mcu", "model=digits", "cache=off", f"executor={where}"]
        with subprocess.Popen(
            [sys.executable, "-m", "edgewright.scons", *words],
            cwd=project,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        ) as build:
            if where != "local":
                await_file(project / "build/mcu/digits/digits.tflite")
                own_cluster.workers["one"].process.send_signal(signal.SIGKILL)
            assert build.wait() == 0
        made.append(project / "build")
    names = [sorted(n for n in files(folder) if not n.startswith(".")) for folder in made]
    assert names[0] == names[1]
    assert [name for name in names[0] if (made[0] / name).read_bytes() != (made[1] / name).read_bytes()] == []


def test_messages_of_what_is_not_there() -> None:
    pytest.importorskip("distributed")
    from edgewright.executors import dask

    with pytest.raises(ToolError, match=r"no scheduler answers there(.|\n)*edgewright scheduler dask://127.0.0.1:1"):
        dask.connect(address_of("dask://127.0.0.1:1", Tls(), "test"))
