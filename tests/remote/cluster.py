"""A scheduler and workers of the real engine on this machine, each a process of its own with a folder of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from edgewright.executors import Needs, Tls, address_of
from edgewright.files import sha256_file
from edgewright.remote import Remote, Shipment

ROOT = Path(__file__).parents[2]
WAIT_S = 120.0

BUILD = """\
import sys, threading
from pathlib import Path
from edgewright.executors import Tls, address_of
from edgewright.remote import Remote
from tests.remote.cluster import stage
root, tls = Path(sys.argv[2]), Tls(*map(Path, sys.argv[4:]))
inputs = tuple(path.name for path in root.iterdir())
Remote(address_of(sys.argv[1], tls, "test"), root, threading.Event()).run(stage(root, sys.argv[3], inputs, ("half",)))
"""
"""A build of one stage, as a program: address, project's folder, code, files of TLS."""


class Process:
    """A command of ours, whose lines are read as they come; `within` is what starts it elsewhere on this machine."""

    def __init__(self, words: list[str], environment: Mapping[str, str], within: Sequence[str] = ()) -> None:
        self.lines: list[str] = []
        self._news = threading.Condition()
        self.process = subprocess.Popen(
            [*within, sys.executable, "-m", "edgewright.commands." + words[0], *words[1:]],
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            with self._news:
                self.lines.append(line)
                self._news.notify_all()

    def awaits(self, text: str, count: int = 1) -> str:
        """The line that has a text, once it was told so often."""
        with self._news:
            found = self._news.wait_for(lambda: self._with(text)[count - 1 : count], WAIT_S)
        assert found, self.lines
        return str(found[0])

    def _with(self, text: str) -> list[str]:
        return [line for line in self.lines if text in line]

    def kill(self) -> None:
        self.process.kill()
        self._over()

    def _over(self) -> int:
        status = self.process.wait(WAIT_S)
        self._reader.join(WAIT_S)
        assert self.process.stdout
        self.process.stdout.close()
        return status

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self._over()


class Cluster:
    """A scheduler on a free port, and its workers by their folders' names."""

    def __init__(
        self, folder: Path, scheme: str = "dask", environment: Mapping[str, str] | None = None, host: str = "127.0.0.1"
    ) -> None:
        self.folder = folder
        self.environment = {"EDGEWRIGHT_CACHE": str(folder / "cache"), **(environment or {})}
        self.address = f"{scheme}://{host}:{free_port()}"
        self.workers: dict[str, Process] = {}
        self.scheduler = Process(["scheduler", self.address], self.environment)

    def add(self, *names: str, options: tuple[str, ...] = ("--cpu", "1"), warm: bool = False) -> None:
        for name in names:
            words = ["worker", self.address, "--folder", str(self.folder / name), *options]
            words += [] if warm else ["--cold"]
            self.workers[name] = Process(words, self.environment)
        for name in names:
            self.workers[name].awaits("works for")

    def address_of(self, name: str) -> str:
        return self.workers[name].awaits("works for").split()[1]

    def remote(self, root: Path, stop: threading.Event | None = None) -> Remote:
        return Remote(address_of(self.address, Tls(), "test"), root, stop or threading.Event())

    def end(self) -> None:
        for process in (*self.workers.values(), self.scheduler):
            process.kill()  # of one that has ended it closes the pipe


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def stage(
    root: Path, code: str, inputs: tuple[str, ...] = (), outputs: tuple[str, ...] = (), **more: object
) -> Shipment:
    """A stage that is a few lines of Python, isolated so that it starts soon."""
    fields = {"needs": Needs(ram_bytes=1), "environment": dict(os.environ), **more}
    words = ("python", "-I", "-S", "-c", code)
    hashes = {path: sha256_file(root / path) for path in inputs}
    return Shipment(words=words, title="a stage", inputs=hashes, outputs=outputs, **fields)  # type: ignore[arg-type]


def tls_files(authority: str, name: str) -> dict[str, str]:
    return {"ca": f"{authority}.pem", "cert": f"{name}.pem", "key": f"{name}.key"}
