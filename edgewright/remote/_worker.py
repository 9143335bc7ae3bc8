"""A worker's side: it gets what a stage reads, runs the stage in a folder of its own, and keeps what the stage wrote.

An answer is one of

    {"unfit": text, "disk": true or false}     this machine cannot run it: other software, or a full disk
    {"status": ..., "log": [bytes of output, bytes of errors], "outputs": {path: [hash, size]}, "gone": [paths],
     "content": {hash: bytes}, "times": lines}

`content` has the outputs that are small; of the others the build asks.
"""

from __future__ import annotations

import errno
import fcntl
import itertools
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache, partial
from pathlib import Path
from typing import Any, TextIO

from edgewright import live, scratch, times
from edgewright.errors import ToolError, UserError
from edgewright.executors import Host
from edgewright.files import read_manifest
from edgewright.home import cache_home
from edgewright.remote import _environment
from edgewright.remote._running import Running
from edgewright.remote._store import Store
from edgewright.surroundings import environment
from edgewright.text import plain

FOLDER = "EDGEWRIGHT_WORKER_FOLDER"
BOUND = "EDGEWRIGHT_WORKER_BYTES"
BOUND_BYTES = 10 << 30
SMALL_BYTES = 1 << 20
"""Outputs up to so many bytes, all together, come with the answer."""

_IDLE_S = 600.0
"""Seconds after the last stage that needed TensorFlow for which it is kept, where it was not started ahead."""

_NUMBERS = itertools.count()
_FULL = (errno.ENOSPC, errno.EDQUOT)
_SPARE = 1 << 20
"""Bytes below which a disk counts as full, once what did not fit on it may be removed again."""


def run(request: dict[str, Any], host: Host) -> dict[str, Any]:
    """Run a stage."""
    here = _here()
    host.tell({"kind": "begin"})
    programs, packages = request["programs"], request["packages"]
    if told := _environment.differences(request["alike"], _environment.described(programs, packages)):
        return {"unfit": told, "disk": False}
    try:
        return here.run(request, host)
    except OSError as error:
        if error.errno not in _FULL:
            raise
        return {"unfit": f"the disk of its work folder is full: {here.folder}", "disk": True}


def put(files: list[tuple[str, bytes]]) -> list[str]:
    """Keep files that are wanted; gives the hashes that are not those of their content."""
    store = _here().store
    return [digest for digest, content in files if not _kept(digest, partial(store.put, digest, content))]


def part(digest: str, place: int, content: bytes, size: int) -> list[str]:
    """Keep a part of a large one; as `put`."""
    return [] if _kept(digest, partial(_here().store.part, digest, place, content, size)) else [digest]


def _kept(digest: str, keep: Callable[[], None]) -> bool:
    """Whether a file is what its hash says; stages that wait for one that cannot be kept are told."""
    try:
        keep()
    except ValueError:
        return False
    except OSError as error:
        _here().store.refuse(digest, error)
    return True


def read(digest: str, place: int, length: int) -> bytes:
    """A part of what a stage wrote."""
    return _here().store.read(digest, place, length)


def described(programs: list[str], packages: list[str]) -> dict[str, str]:
    """What this machine has, see `_environment`."""
    return _environment.described(programs, packages)


class Worker:
    """The work folder of this process, which no other has.

    Args:
        folder: where it lies.
        bound: bytes that may lie in its store.
    """

    def __init__(self, folder: Path, bound: int) -> None:
        self.folder = folder.absolute()
        self._lock = _locked(folder)
        self._jobs = self.folder / "jobs"
        shutil.rmtree(self._jobs, ignore_errors=True)
        self._jobs.mkdir(parents=True)
        self.store = Store(self.folder / "store", bound)
        self._warm = scratch.make()
        self._idle_s = _IDLE_S

    def warm_up(self) -> None:
        """Start TensorFlow ahead of the first stage that needs it; from then on it is kept as long as the worker is."""
        self._idle_s = math.inf
        words = [sys.executable, "-m", "edgewright.training.warm"]
        subprocess.run(words, cwd=self.folder, env=self._surroundings(), stdin=subprocess.DEVNULL, check=False)

    def run(self, request: dict[str, Any], host: Host) -> dict[str, Any]:
        """Run a stage; OSError when the work folder cannot be written."""
        inputs: dict[str, str] = request["inputs"]
        digests = list(dict.fromkeys(inputs.values()))
        with self.store.holding(digests), self._job() as job:
            ask: Callable[[list[str]], None] = lambda missing: host.tell({"kind": "want", "digests": missing})  # noqa: E731
            if not self.store.await_all(digests, ask, host.is_wanted):
                return {"unfit": "nobody waits for it", "disk": False}
            place = job / "project"
            place.mkdir()
            for path, digest in inputs.items():
                self.store.link(digest, _inside(place, path))
            for path in request["there"]:
                _inside(place, path).parent.mkdir(parents=True, exist_ok=True)
                _inside(place, path).touch()
            return self._ran(request, host, job, place)

    def _ran(self, request: dict[str, Any], host: Host, job: Path, place: Path) -> dict[str, Any]:
        surroundings = self._environment(request["environment"], job)
        running = Running(request["words"], place, surroundings, Path(surroundings[live.VARIABLE]))
        status, log = running.to_its_end(host)
        if status and shutil.disk_usage(self.folder).free < _SPARE:
            return {"unfit": f"the disk of its work folder is full: {self.folder}", "disk": True}
        made = self._made(request, place) if status == 0 else {}
        gone = [path for path in request["there"] if not (place / path).exists()] if status == 0 else []
        written = {path: list(self.store.take(file)) for path, file in made.items()}
        used = Path(surroundings[times.VARIABLE])
        return {
            "status": status,
            "log": log,
            "outputs": written,
            "gone": gone,
            "content": self._small(written),
            "times": used.read_text() if used.exists() else "",
        }

    def _made(self, request: dict[str, Any], place: Path) -> dict[str, Path]:
        """The files that a stage wrote, by the paths that the build knows."""
        names = list(request["outputs"])
        if request["manifest"]:
            manifest = Path(request["manifest"])
            with suppress(UserError, OSError):  # whoever reads it tells
                names += [(manifest.parent / name).as_posix() for name in read_manifest(place / manifest)]
        return {name: place / name for name in dict.fromkeys(names) if (place / name).is_file()}

    def _small(self, written: Mapping[str, list[Any]]) -> dict[str, bytes]:
        sizes = dict(map(tuple, written.values()))
        found: dict[str, bytes] = {}
        left = SMALL_BYTES
        for digest, size in sorted(sizes.items(), key=lambda item: item[1]):
            left -= size
            if left < 0:
                break
            found[digest] = self.store.read(digest, 0, size)
        return found

    def _environment(self, given: Mapping[str, str], job: Path) -> dict[str, str]:
        seen, temporary = job / "live", job / "tmp"
        seen.touch()
        temporary.mkdir()
        more = {live.VARIABLE: str(seen), times.VARIABLE: str(job / "times"), "TMPDIR": str(temporary)}
        return {**self._surroundings(), **given, **more}

    def _surroundings(self) -> dict[str, str]:
        """What all stages have in their environment."""
        warm = {"EDGEWRIGHT_WARM": str(self._warm / "warm"), "EDGEWRIGHT_WARM_OWNER": str(os.getpid())}
        return {**environment(), **warm, "EDGEWRIGHT_WARM_IDLE_S": str(self._idle_s)}

    @contextmanager
    def _job(self) -> Iterator[Path]:
        folder = self._jobs / str(next(_NUMBERS))
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """Leave nothing behind but the store."""
        shutil.rmtree(self._warm, ignore_errors=True)


_WORKERS: list[Worker] = []


def set_up(folder: Path | None, bound: int) -> Worker:
    """Have this process work in a folder; None takes one of the user's cache that nobody else has. ToolError."""
    worker = Worker(folder, bound) if folder else _first_free(bound)
    _WORKERS[:] = [worker]
    return worker


@cache
def _here() -> Worker:
    """The worker of this process; of one that a launcher of the engine's own has started, as the environment says."""
    if not _WORKERS:
        folder = os.environ.get(FOLDER)
        set_up(Path(folder) if folder else None, int(os.environ.get(BOUND, BOUND_BYTES)))
    return _WORKERS[0]


def _first_free(bound: int) -> Worker:
    for number in range(1, 1000):
        with suppress(ToolError):
            return Worker(cache_home() / "worker" / str(number), bound)
    raise ToolError(f"{cache_home() / 'worker'}: no folder there is free")


def _locked(folder: Path) -> TextIO:
    """The lock of a work folder, held as long as the process lives."""
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / "lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise ToolError(f"{plain(str(folder))}: another worker has it\n  hint: --folder names another") from None
    return file


def _inside(place: Path, path: str) -> Path:
    found = Path(os.path.normpath(place / path))
    if not found.is_relative_to(place):
        raise ValueError(path)
    return found
