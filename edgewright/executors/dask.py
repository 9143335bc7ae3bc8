"""dask.distributed: `executor=dask://host:port`.

Work is a task with resources. What it tells goes to a topic that has the name of the build's connection, and from there
to the build. A task of a worker that died goes to another one by the scheduler's own rules, four times at most.

Only the scheduler's port has to be reached by all; with TLS each end shows a certificate of the same authority.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import itertools
import logging
import queue
import ssl
import threading
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgewright.errors import ToolError
from edgewright.executors._address import Address
from edgewright.executors._base import Call, Engine, LostError, Message, Stopped

if TYPE_CHECKING:
    import distributed

PATIENCE_S = 10.0
"""How long a build waits for the scheduler to answer."""

_NOTHING = logging.CRITICAL + 1
_PAUSE_S = 0.2
_LOOK_S = 5.0
_FRESH_S = 1.0
"""How long a list of workers counts as what is: stages that are sent in a row ask a far scheduler once."""
_ASK_S = 120.0
_RUNS = ("executing", "long-running", "resumed")
_NUMBERS = itertools.count()
_QUIET = {
    "distributed.admin.system-monitor.interval": "60s",
    "distributed.admin.tick.interval": "1s",
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.worker.profile.enabled": False,
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,
    "distributed.scheduler.work-stealing": True,
    "distributed.comm.retry.count": 2,
}
"""Answers are small and files lie on disks, so the memory of a worker is watched by nobody; of the event loop's ticks,
fifty a second, one is enough to tell of a loop that hangs: what waits for work takes a fifth of the processor time."""


_TALKS = {"distributed", "tornado", "asyncio"}
"""Libraries that log a traceback of a connection that is lost, which is told of by ours."""

_GONE = (OSError, RuntimeError, TimeoutError, asyncio.CancelledError, concurrent.futures.CancelledError)
"""What calls of a client raise whose scheduler, or whose worker, does not answer any more."""

_NO_PAGES = {"dashboard": False, "dashboard_address": "127.0.0.1:0"}
"""No page of the engine's own: what it starts all the same is stopped at once."""


def connect(address: Address) -> DaskEngine:
    """Reach the scheduler."""
    distributed = _library()
    try:
        client = distributed.Client(
            _url(address), security=_security(address), timeout=PATIENCE_S, set_as_default=False, name="edgewright"
        )
    except (OSError, TimeoutError, ValueError) as error:
        raise ToolError(f"{address.text}: {_reason(error)}\n  hint: {_hint(error, address)}") from None
    return DaskEngine(client, address.text)


def serve(address: Address) -> None:
    """Be the scheduler; it listens where the address says and nowhere else."""
    _library()
    asyncio.run(_serve(address))


def work(address: Address, offers: Mapping[str, float], folder: Path) -> None:
    """Be a worker, and wait for the next scheduler whenever one has ended."""
    _library()
    asyncio.run(_work(address, offers, folder))


def _library() -> Any:
    try:
        import dask
        import distributed
    except ImportError as error:
        raise ToolError(f"executor dask: {error}\n  hint: pip install 'edgewright[dask]'") from None
    dask.config.set(_QUIET)
    for name in [*_TALKS, *logging.root.manager.loggerDict]:  # some have a level of their own
        if name.partition(".")[0] in _TALKS:
            logging.getLogger(name).setLevel(_NOTHING)
    return distributed


def _url(address: Address) -> str:
    host = f"[{address.host}]" if ":" in address.host else address.host
    return f"{'tls' if address.tls else 'tcp'}://{host}:{address.port}"


def _security(address: Address) -> distributed.Security | None:
    from distributed import Security

    if address.tls is None:
        return None
    files = {"tls_ca_file": str(address.tls.ca)}
    for role in ("client", "worker", "scheduler"):
        files |= {f"tls_{role}_cert": str(address.tls.cert), f"tls_{role}_key": str(address.tls.key)}
    return Security(require_encryption=True, **files)


def _cause(error: BaseException) -> BaseException:
    return error if error.__cause__ is None else _cause(error.__cause__)


def _reason(error: Exception) -> str:
    cause = _cause(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"what answers there shows a certificate that [tls] ca here has not signed ({cause.verify_message})"
    return f"no scheduler answers there ({str(cause).strip() or type(cause).__name__})"


def _hint(error: Exception, address: Address) -> str:
    if isinstance(_cause(error), ssl.SSLCertVerificationError):
        return "[tls] of both ends has to be of one authority: docs/machines.md"
    return f"edgewright scheduler {address.text} starts one; docs/machines.md"


class _StrandedError(Exception):
    """A task waits for workers that are gone."""


@dataclass(frozen=True)
class _Job:
    """One task: what is done, what it takes, and to which workers alone it may go, where not to all."""

    number: int
    work: Call
    request: dict[str, Any]
    needs: Mapping[str, float]
    bound: Collection[str] | None


class DaskEngine(Engine):
    """A connection to a scheduler."""

    def __init__(self, client: distributed.Client, text: str) -> None:
        self._client = client
        self._text = text
        self._waiting: dict[int, queue.Queue[Message | None]] = {}
        self._known: tuple[float, Mapping[str, Mapping[str, float]]] = 0.0, {}
        client.subscribe_topic(client.id, self._hear)

    def workers(self) -> Mapping[str, Mapping[str, float]]:
        """As `Engine` says, a second ago at most; that there is none is not kept."""
        asked, known = self._known
        if not known or time.monotonic() - asked > _FRESH_S:
            known = self._asked()
            self._known = time.monotonic(), known
        return known

    def _asked(self) -> Mapping[str, Mapping[str, float]]:
        """What is there now; what was, where the scheduler does not answer: that tells nothing of its workers."""
        end = time.monotonic() + PATIENCE_S
        while True:
            with suppress(*_GONE):
                return self._there()
            known = self._known[1]
            if known or not self._is_connected() or time.monotonic() > end:
                return known
            time.sleep(_PAUSE_S)

    def _there(self) -> Mapping[str, Mapping[str, float]]:
        """What the scheduler answers: the client's own list is that of before, or empty, where it does not."""
        if not self._is_connected():
            raise ConnectionError(self._text)
        found = self._client.sync(self._client.scheduler.identity, n_workers=-1)["workers"]
        return {address: dict(facts["resources"]) for address, facts in found.items()}

    def _is_connected(self) -> bool:
        return bool(self._client.status == "running")

    def ask(self, worker: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """As `Engine` says."""
        try:
            return self._client.run(function, *arguments, workers=[worker])[worker]
        except (*_GONE, KeyError) as error:
            raise LostError(f"{worker} does not answer: {type(error).__name__}") from error

    def run(
        self,
        work: Call,
        request: dict[str, Any],
        needs: Mapping[str, float],
        heard: Callable[[Message], None],
        stop: threading.Event,
        avoid: Collection[str] = (),
        look: Callable[[], None] = lambda: None,
    ) -> dict[str, Any]:
        """As `Engine` says."""
        while True:
            bound = {worker for worker in self.workers() if worker not in avoid} if avoid else None

            def looks(bound: set[str] | None = bound) -> None:
                look()
                if bound is not None and self._is_stranded(bound, needs, avoid):
                    raise _StrandedError

            with suppress(_StrandedError):
                return self._run_once(_Job(next(_NUMBERS), work, request, needs, bound), heard, stop, looks)

    def _is_stranded(self, bound: Collection[str], needs: Mapping[str, float], avoid: Collection[str]) -> bool:
        """Whether none is left of the workers that a task may go to, and others have come that can do it."""
        able = {
            worker
            for worker, offers in self.workers().items()
            if worker not in avoid and all(offers.get(name, 0) >= least for name, least in needs.items())
        }
        return bool(able) and not able & set(bound)

    def _run_once(
        self, job: _Job, heard: Callable[[Message], None], stop: threading.Event, look: Callable[[], None]
    ) -> dict[str, Any]:
        box = self._waiting[job.number] = queue.Queue()
        future = self._submit(job)
        try:
            future.add_done_callback(lambda _: box.put(None))
            _listen(box, heard, stop, look)
            return self._answer(future)
        finally:
            self._waiting.pop(job.number, None)
            if not future.done():
                self._cancel(future)

    def _submit(self, job: _Job) -> Any:
        words = (self._client.id, job.number, f"{job.work.__module__}:{job.work.__qualname__}", job.request)
        allowed = None if job.bound is None else sorted(job.bound)
        try:
            return self._client.submit(
                _task,
                *words,
                key=f"{self._client.id}-{job.number}",
                pure=False,
                resources=dict(job.needs),
                workers=allowed,
            )
        except _GONE as error:
            raise LostError(f"{self._text}: the scheduler is gone ({type(error).__name__})") from error

    def _answer(self, future: Any) -> dict[str, Any]:
        from distributed.scheduler import KilledWorker

        try:
            answer: dict[str, Any] = future.result(timeout=_ASK_S)
        except KilledWorker as error:
            raise LostError(f"each worker that ran it died, the last one was {error.last_worker.address}") from None
        except _GONE as error:
            raise LostError(f"{self._text}: the scheduler is gone ({type(error).__name__})") from None
        return answer

    def _cancel(self, future: Any) -> None:
        try:
            future.cancel()
        except _GONE:
            return  # whoever is gone waits for nothing

    def close(self) -> None:
        """As `Engine` says."""
        try:
            self._client.unsubscribe_topic(self._client.id)
            self._client.close(timeout=2)
        except _GONE:
            return

    def _hear(self, event: tuple[float, Message]) -> None:
        message = event[1]
        box = self._waiting.get(message.get("number", -1))
        if box is not None:
            box.put(message)


def _listen(
    box: queue.Queue[Message | None],
    heard: Callable[[Message], None],
    stop: threading.Event,
    look: Callable[[], None],
) -> None:
    """Pass on what is told until the work has ended."""
    quiet = time.monotonic()
    while True:
        if stop.is_set():
            raise Stopped
        try:
            message = box.get(timeout=_PAUSE_S)
        except queue.Empty:
            if time.monotonic() - quiet > _LOOK_S:
                look()
                quiet = time.monotonic()
            continue
        quiet = time.monotonic()
        if message is None:
            break
        heard(message)
    while not box.empty():
        if (message := box.get()) is not None:
            heard(message)


class _DaskHost:
    """The worker of this process, to the task that runs in this thread."""

    def __init__(self, topic: str, number: int) -> None:
        from distributed import get_worker

        self._worker = get_worker()
        self._key = self._worker.get_current_task()
        self._topic, self._number = topic, number

    def tell(self, message: Message) -> None:
        told = {**message, "number": self._number, "worker": self._worker.address}
        self._worker.log_event(self._topic, told)

    def is_wanted(self) -> bool:
        task = self._worker.state.tasks.get(self._key)
        return task is not None and task.state in _RUNS and self._worker.status.name == "running"


def _task(topic: str, number: int, work: str, request: dict[str, Any]) -> dict[str, Any]:
    """What runs on a worker."""
    import importlib

    module, _, name = work.partition(":")
    call: Call = getattr(importlib.import_module(module), name)
    return call(request, _DaskHost(topic, number))


async def _serve(address: Address) -> None:
    from distributed import Scheduler

    scheduler = Scheduler(
        host=address.host,
        port=address.port,
        protocol="tls" if address.tls else "tcp",
        security=_security(address) or {},
        **_NO_PAGES,
    )
    try:
        await scheduler
        scheduler.http_server.stop()
    except OSError as error:
        raise ToolError(f"{address.text}: cannot be listened at: {error}") from None
    print(f"scheduler: listens at {address.text}", flush=True)
    await scheduler.finished()


def _worker(address: Address, offers: Mapping[str, float], folder: Path) -> distributed.Worker:
    from distributed import Worker

    return Worker(
        _url(address),
        nthreads=max(1, int(offers.get("cpu", 1))),
        resources=dict(offers),
        host="127.0.0.1" if address.is_loopback else None,
        security=_security(address) or {},
        memory_limit=0,
        local_directory=str(folder),
        death_timeout=PATIENCE_S,
        silence_logs=_NOTHING,
        **_NO_PAGES,
    )


async def _work(address: Address, offers: Mapping[str, float], folder: Path) -> None:
    told = False
    while True:
        try:
            worker = _worker(address, offers, folder)  # reads the files of TLS, which may be others by now
            await worker
            worker.http_server.stop()
            print(f"worker: {worker.address} works for {address.text}", flush=True)
            told = False
            await worker.finished()
        except (OSError, TimeoutError, RuntimeError) as error:
            if not told:
                print(f"worker: waits for {address.text}: {_reason(error)}", flush=True)
                told = True
        await asyncio.sleep(1)
