"""Two nodes: the worker is another user in another network, with TLS, at the end of a link of a megabyte a second."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from edgewright.executors import Tls, address_of
from edgewright.remote import Remote
from tests.remote.cluster import BUILD, ROOT, WAIT_S, Cluster, Process, stage, tls_files
from tests.remote.elsewhere import USER, Place, UnableError, place
from tests.remote.test_remote import files, run_all

pytestmark = pytest.mark.slow

RATE = 1_000_000
COUNT = """import hashlib, os
text = open('common', 'rb').read() + open('{0}', 'rb').read()
open('out{0}', 'wb').write(hashlib.shake_256(text).digest(300_000))
open('user{0}', 'w').write(str(os.getuid()))"""
HALF = "open('half', 'wb').write(open('large', 'rb').read()[::-1])"


@pytest.fixture
def apart(certificates: Path) -> Iterator[Place]:
    pytest.importorskip("distributed")
    try:
        with place() as made:
            yield made
    except UnableError as error:
        pytest.skip(str(error))


class Nodes:
    """A scheduler here, workers there."""

    def __init__(self, folder: Path, certificates: Path, apart: Place) -> None:
        self.apart = apart
        self.files = {name: certificates / file for name, file in tls_files("ca", "me").items()}
        apart.give(*self.files.values())
        self.cluster = Cluster(folder, "dask+tls", named(self.files), apart.here)
        self.cluster.scheduler.awaits("listens")

    def add(self, name: str) -> None:
        there = {key: self.apart.home / path.name for key, path in self.files.items()}
        environment = {**named(there), "EDGEWRIGHT_CACHE": str(self.apart.home / "cache")}
        words = ["worker", self.cluster.address, "--cold", "--cpu", "1", "--folder", str(self.apart.home / name)]
        self.cluster.workers[name] = Process(words, environment, self.apart.within)
        self.cluster.workers[name].awaits("works for")

    def remote(self, root: Path) -> Remote:
        return Remote(address_of(self.cluster.address, Tls(**self.files), "test"), root, threading.Event())

    def stores(self, pattern: str) -> list[Path]:
        return list(self.apart.home.glob(f"*/store/{pattern}"))

    def await_part(self) -> None:
        """Until a large file is on its way."""
        until(lambda: any(path.stat().st_size > 1 << 20 for path in self.stores("*.part")))


def named(tls: dict[str, Path]) -> dict[str, str]:
    return {f"EDGEWRIGHT_TLS_{name.upper()}": str(path) for name, path in tls.items()}


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_S
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture
def nodes(apart: Place, certificates: Path, tmp_path: Path) -> Iterator[Nodes]:
    made = Nodes(tmp_path / "cluster", certificates, apart)
    try:
        made.add("one")
        apart.slow_down(RATE)
        yield made
    finally:
        made.cluster.end()


def test_eight_stages(nodes: Nodes, root: Path) -> None:
    nodes.add("two")
    names = [str(number) for number in range(8)]
    for name in ("common", *names):
        (root / name).write_bytes(os.urandom(2_000_000 if name == "common" else 50_000))
    stages = [stage(root, COUNT.format(n), ("common", n), (f"out{n}", f"user{n}")) for n in names]
    remote = nodes.remote(root)
    assert run_all(remote, stages) == [0] * 8
    remote.close()
    common = (root / "common").read_bytes()
    for name in names:
        text = common + (root / name).read_bytes()
        assert (root / f"out{name}").read_bytes() == hashlib.shake_256(text).digest(300_000)
        assert (root / f"user{name}").read_text() == USER
    assert files(root) == {"common", *(f"{kind}{name}" for kind in ("", "out", "user") for name in names)}


def test_the_worker_is_killed_while_it_is_sent_a_file(
    nodes: Nodes, root: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    large = os.urandom(9 << 20)
    (root / "large").write_bytes(large)
    remote = nodes.remote(root)
    with ThreadPoolExecutor(1) as pool:
        status = pool.submit(remote.run, stage(root, HALF, ("large",), ("half",)))
        nodes.await_part()
        nodes.add("two")
        nodes.cluster.workers["one"].kill()
        assert status.result(WAIT_S) == 0
    remote.close()
    assert (root / "half").read_bytes() == large[::-1]
    assert files(root) == {"large", "half"}
    assert not list((nodes.apart.home / "one/store").glob("??/*")), "a part counts as whole"
    assert "begins anew" in capfd.readouterr().err


def test_the_scheduler_is_killed_while_a_file_is_sent(
    nodes: Nodes, root: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (root / "large").write_bytes(os.urandom(9 << 20))
    remote = nodes.remote(root)
    with ThreadPoolExecutor(1) as pool:
        status = pool.submit(remote.run, stage(root, HALF, ("large",), ("half",)))
        nodes.await_part()
        nodes.cluster.scheduler.kill()
        assert status.result(WAIT_S) == 4
    remote.close()
    assert files(root) == {"large"}
    assert not nodes.stores("??/*")
    assert "the scheduler is gone" in capfd.readouterr().err
    nodes.cluster.scheduler = Process(["scheduler", nodes.cluster.address], nodes.cluster.environment)
    nodes.cluster.workers["one"].awaits("works for", 2)
    again = nodes.remote(root)
    assert again.run(stage(root, HALF, ("large",), ("half",))) == 0
    again.close()
    assert (root / "half").read_bytes() == (root / "large").read_bytes()[::-1]


def test_the_build_is_killed_while_it_sends_a_file(nodes: Nodes, root: Path) -> None:
    (root / "large").write_bytes(os.urandom(9 << 20))
    words = [sys.executable, "-c", BUILD, nodes.cluster.address, str(root), HALF, *map(str, nodes.files.values())]
    with subprocess.Popen(words, env={**os.environ, "PYTHONPATH": str(ROOT)}) as build:
        nodes.await_part()
        build.kill()
    until(lambda: not list((nodes.apart.home / "one/jobs").iterdir()))
    assert files(root) == {"large"}
    assert not nodes.stores("??/*")
    again = nodes.remote(root)
    assert again.run(stage(root, "open('half', 'w').write('whole')", outputs=("half",))) == 0
    again.close()
