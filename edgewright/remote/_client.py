"""A build's side: stages are sent to workers, what they say is shown as they say it, what they made is taken whole."""

from __future__ import annotations

import codecs
import json
import os
import shlex
import sys
import threading
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from edgewright import live, registry, times
from edgewright.errors import GOES_ON, EdgewrightError, ToolError, machine_error
from edgewright.executors import MIB, Address, Engine, LostError, Stopped
from edgewright.files import sha256_file, staged
from edgewright.remote import _environment, _worker
from edgewright.remote._request import Shipment
from edgewright.text import lines, plain

STOPPED = 130
"""Status of a stage that was given up."""

_PART = 4 << 20
_WAIT_S = 60.0
_PAUSE_S = 0.5
_PASSED_ON = ("LANG", "LC_ALL", "TERM", "COLUMNS", "CI")


class Remote:
    """Runs stages on the workers of an engine, to which it connects when the first one has to be run.

    Args:
        address: where the engine is.
        root: the folder in which the paths of stages begin.
        stop: set when the build is to end.
    """

    def __init__(self, address: Address, root: Path, stop: threading.Event) -> None:
        self._address = address
        self._root = root
        self._stop = stop
        self._programs: set[str] = set()
        self._packages: set[str] = set()
        self._lock = threading.Lock()
        self._connected: Engine | EdgewrightError | None = None
        self._checked: set[str] = set()
        self._told: list[list[str]] = []
        self._unlike: dict[str, ToolError] = {}

    def depends(self, programs: Collection[str], packages: Collection[str]) -> None:
        """Outputs of its stages depend on these: all workers must have the same."""
        self._programs |= set(programs)
        self._packages |= set(packages)

    def has_board(self, name: str) -> bool:
        """Whether a worker has this board."""
        try:
            return any(f"board:{name}" in has for has in self._engine().workers().values())
        except EdgewrightError:
            return False

    def run(self, stage: Shipment) -> int:
        """Run a stage; gives its exit status. Errors are told here."""
        try:
            return self._run(stage, self._engine())
        except Stopped:
            return STOPPED
        except LostError as error:
            return self._tell(ToolError(f"{stage.title}: {error}"))
        except EdgewrightError as error:
            return self._tell(error)
        except OSError as error:
            return self._tell(machine_error(error) or ToolError(f"{stage.title}: {error}"))

    def close(self) -> None:
        """End the connection."""
        if isinstance(self._connected, Engine):
            self._connected.close()

    def _tell(self, error: EdgewrightError) -> int:
        """Tell an error, once of those that all stages meet."""
        with self._lock:
            if not getattr(error, "told", False):
                print(f"error: {error}\n  hint: {GOES_ON}", file=sys.stderr, flush=True)
            error.told = True  # type: ignore[attr-defined]
        return error.exit_code

    def _engine(self) -> Engine:
        with self._lock:
            if self._connected is None:
                try:
                    engine: Engine = registry.executors.load(self._address.engine).connect(self._address)
                    self._connected = engine
                    self._check(engine, engine.workers())
                except EdgewrightError as error:
                    self._connected = error
            if isinstance(self._connected, EdgewrightError):
                raise self._connected
            return self._connected

    def _check(self, engine: Engine, workers: Collection[str]) -> None:
        """ToolError unless the workers that are not known yet have what this machine has."""
        programs, packages = sorted(self._programs), sorted(self._packages)
        here = _environment.described(programs, packages)
        for worker in sorted(set(workers) - self._checked):
            try:
                found = engine.ask(worker, _worker.described, programs, packages)
            except LostError:
                continue
            if told := _environment.differences(here, found):
                raise _unlike(worker, told)
            self._checked.add(worker)

    def _run(self, stage: Shipment, engine: Engine) -> int:
        request = {
            "words": list(stage.words),
            "inputs": dict(stage.inputs),
            "outputs": list(stage.outputs),
            "manifest": stage.manifest,
            "there": list(stage.there),
            "programs": list(stage.programs),
            "packages": list(stage.packages),
            "alike": _environment.described(stage.programs, stage.packages),
            "environment": {name: value for name, value in stage.environment.items() if name in _PASSED_ON},
        }
        avoid: set[str] = set()
        while True:
            needs = self._fitting(engine, stage, avoid)
            job = _Job(engine, self._root, stage)
            look = self._looking(engine, stage, needs, avoid)
            answer = engine.run(_worker.run, request, needs, job.heard, self._stop, avoid, look)
            if "unfit" not in answer:
                return job.finished(answer)
            if not answer["disk"]:
                with self._lock:  # one for all stages that it refuses, which is told once
                    error = self._unlike.setdefault(job.worker, _unlike(job.worker, answer["unfit"]))
                raise error
            print(f"note: {job.worker}: {plain(answer['unfit'])}; {plain(stage.title)} goes elsewhere", file=sys.stderr)
            avoid.add(job.worker)

    def _fitting(self, engine: Engine, stage: Shipment, avoid: Collection[str]) -> Mapping[str, float]:
        """What the stage asks of a worker: never more cores than one has. ToolError when none has the rest."""
        wanted = stage.needs.resources()
        rest = {name: least for name, least in wanted.items() if name != "cpu"}
        waited = 0.0
        while True:
            workers = {name: has for name, has in engine.workers().items() if name not in avoid}
            fits = [has for has in workers.values() if all(has.get(name, 0) >= rest[name] for name in rest)]
            if fits:
                return {**wanted, "cpu": min(wanted["cpu"], max(has.get("cpu", 1) for has in fits))}
            if avoid:
                raise _full(self._address.text, stage, avoid, workers)
            if waited >= _WAIT_S:
                raise _nobody(self._address.text, stage, wanted, workers)
            if waited == 0:
                self._tell_of_waiting(stage, rest, workers.values())
            if self._stop.wait(_PAUSE_S):
                raise Stopped
            waited += _PAUSE_S

    def _looking(
        self, engine: Engine, stage: Shipment, needs: Mapping[str, float], avoid: Collection[str]
    ) -> Callable[[], None]:
        """What looks whether a worker is left for a stage that was sent: else it would be waited for without end."""
        since: list[float] = []

        def look() -> None:
            workers = {name: has for name, has in engine.workers().items() if name not in avoid}
            if any(all(has.get(name, 0) >= least for name, least in needs.items()) for has in workers.values()):
                since.clear()
                return
            since.append(time.monotonic())
            if since[-1] - since[0] >= _WAIT_S:
                raise _nobody(self._address.text, stage, needs, workers)
            self._tell_of_waiting(stage, needs, workers.values())

        return look

    def _tell_of_waiting(
        self, stage: Shipment, rest: Mapping[str, float], workers: Collection[Mapping[str, float]]
    ) -> None:
        """Say for what kind of worker a stage waits; once of all stages that wait for the same."""
        lacking = {name: least for name, least in rest.items() if all(has.get(name, 0) < least for has in workers)}
        options = [_option(name, least) for name, least in (lacking or rest).items()] if workers else []
        with self._lock:
            is_told = options in self._told
            self._told.append(options)
        if not is_told:
            waits = f"{plain(stage.title)} waits for a worker that has what it needs"
            what = waits if workers else "no worker is there yet"
            print(f"note: {what}: {' '.join(['edgewright worker', self._address.text, *options])}", file=sys.stderr)


class _Job:
    """One run of a stage."""

    def __init__(self, engine: Engine, root: Path, stage: Shipment) -> None:
        self._engine = engine
        self._root = root
        self._stage = stage
        self._paths = {digest: path for path, digest in stage.inputs.items()}
        self._shown = [0, 0]
        self._decoders = _decoders()
        self.worker = "the worker"
        self._begun = False

    def heard(self, message: Mapping[str, Any]) -> None:
        """What its worker tells."""
        self.worker = str(message["worker"])
        kind = message["kind"]
        if kind == "begin":
            self._begin()
        elif kind == "log":
            self._show(message["stream"], message["at"], message["text"])
        elif kind == "live":
            _append(self._stage.environment.get(live.VARIABLE), message["lines"])
        elif kind == "want":
            with suppress(LostError):  # then it begins anew elsewhere
                self._send(message["digests"])

    def _begin(self) -> None:
        if self._begun:
            print(f"note: the worker that ran it was lost: {plain(self._stage.title)} begins anew", file=sys.stderr)
        self._begun, self._shown = True, [0, 0]
        self._decoders = _decoders()

    def _show(self, stream: int, at: int, text: bytes) -> None:
        """Show what has not been shown."""
        new = text[max(0, self._shown[stream] - at) :]
        if new:
            self._shown[stream] = at + len(text)
            out = (sys.stdout, sys.stderr)[stream]
            print(lines(self._decoders[stream].decode(new)), end="", file=out, flush=True)

    def _send(self, digests: Collection[str]) -> None:
        small: list[tuple[str, bytes]] = []
        waiting = 0
        for digest in digests:
            path = self._root / self._paths[digest]
            size = path.stat().st_size
            if size > _PART:
                self._send_parts(digest, path, size)
                continue
            small.append((digest, path.read_bytes()))
            waiting += size
            if waiting > _PART:
                self._put(small)
                small, waiting = [], 0
        if small:
            self._put(small)

    def _put(self, files: list[tuple[str, bytes]]) -> None:
        self._sent(self._engine.ask(self.worker, _worker.put, files))

    def _send_parts(self, digest: str, path: Path, size: int) -> None:
        with path.open("rb") as file:
            for place in range(0, size, _PART):
                self._sent(self._engine.ask(self.worker, _worker.part, digest, place, file.read(_PART), size))

    def _sent(self, other: list[str]) -> None:
        """ToolError for files that came as something else than they were when the stage was sent."""
        for digest in other:
            raise ToolError(f"{self._paths[digest]}: was changed while it was sent to {self.worker}")

    def finished(self, answer: Mapping[str, Any]) -> int:
        """Take what the stage made; gives its status."""
        _append(self._stage.environment.get(times.VARIABLE), answer["times"].encode())
        if answer["status"] == 0:
            self._take(answer)
        return int(answer["status"])

    def _take(self, answer: Mapping[str, Any]) -> None:
        """All outputs, whole, or none."""
        for path in set(answer["gone"]) & set(self._stage.there):
            (self._root / path).unlink(missing_ok=True)
        with ExitStack() as stack:
            for path, (digest, size) in answer["outputs"].items():
                self._refuse_other(path)
                aside = stack.enter_context(staged(self._root / path))
                self._fetch(digest, size, aside, answer["content"])
                if sha256_file(aside) != digest:
                    raise ToolError(f"{path}: did not come from {self.worker} as it was made there")

    def _refuse_other(self, path: str) -> None:
        """ToolError for a file that is none of the stage's outputs, and not in the folder of its manifest."""
        folder = os.path.dirname(self._stage.manifest or "")  # noqa: PTH120 - of a text
        is_listed = folder and os.path.normpath(path).startswith(f"{os.path.normpath(folder)}/")
        if path not in self._stage.outputs and not is_listed:
            raise ToolError(f"{self.worker} sent what the stage does not write: {plain(path)}")

    def _fetch(self, digest: str, size: int, aside: Path, content: Mapping[str, bytes]) -> None:
        if digest in content:
            aside.write_bytes(content[digest])
            return
        with aside.open("wb") as file:
            for place in range(0, size, _PART):
                file.write(self._engine.ask(self.worker, _worker.read, digest, place, _PART))


def _decoders() -> list[codecs.IncrementalDecoder]:
    return [codecs.getincrementaldecoder("utf-8")("replace") for _ in range(2)]


def _append(path: str | None, lines_of: bytes) -> None:
    """One write of whole lines, to a file that is there."""
    if path and lines_of:
        with suppress(OSError):
            file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            try:
                os.write(file, lines_of)
            finally:
                os.close(file)


def _unlike(worker: str, told: str) -> ToolError:
    hint = "stages would write other bytes there: ./sconsw --setup in the same commit, or the packages of the same lock"
    return ToolError(f"worker {worker}: {told}\n  hint: {hint}")


def _option(resource: str, least: float) -> str:
    """How a worker is started that offers it."""
    kind, _, name = resource.partition(":")
    if kind == "ram":
        return f"--ram {-(-int(least) // MIB)}MiB"
    return f"--{kind} {shlex.quote(name) if name else f'{least:.0f}'}"


def _full(place: str, stage: Shipment, full: Collection[str], others: Collection[str]) -> ToolError:
    besides = f"; {', '.join(sorted(others))} cannot run it" if others else ""
    hint = "make room in their folders, or start one elsewhere: edgewright worker ADDRESS --folder FOLDER"
    told = (
        f"{stage.title}: the disk of each worker at {place} that can run it is full: {', '.join(sorted(full))}{besides}"
    )
    return ToolError(f"{told}\n  hint: {hint}")


def _nobody(place: str, stage: Shipment, wanted: Mapping[str, float], workers: Mapping[str, Any]) -> ToolError:
    asked = ", ".join(f"{name} {value:g}" for name, value in wanted.items())
    has = "; ".join(f"{name}: {json.dumps(dict(offers))}" for name, offers in workers.items()) or "no worker is there"
    return ToolError(f"{stage.title}: no worker at {place} has what it needs: {asked}\n  there: {has}")
