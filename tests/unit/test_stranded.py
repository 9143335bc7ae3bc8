"""A task that may go to some workers alone, and these are gone: it goes to those that have come."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from edgewright.executors import LostError, dask


class Future:
    """One that ends at once, or never."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.is_cancelled = False

    def add_done_callback(self, call: Callable[[Any], None]) -> None:
        if self.answer is not None:
            call(self)

    def done(self) -> bool:
        return self.answer is not None

    def result(self, timeout: float) -> Any:
        assert timeout
        return self.answer

    def cancel(self) -> None:
        self.is_cancelled = True


class Client:
    """A scheduler whose workers are others after the first task was sent."""

    id = "client"

    def __init__(self, first: dict[str, Any], then: dict[str, Any]) -> None:
        self.workers, self.then = first, then
        self.scheduler = self
        self.status = "running"
        self.silent = 0
        self.sent: list[list[str]] = []
        self.futures: list[Future] = []

    def subscribe_topic(self, _name: str, _heard: object) -> None:
        return

    def sync(self, function: Callable[..., Any], **words: Any) -> Any:
        return function(**words)

    def identity(self, n_workers: int) -> dict[str, Any]:
        assert n_workers == -1
        if self.silent:
            self.silent -= 1
            raise TimeoutError
        return {"workers": {name: {"resources": has} for name, has in self.workers.items()}}

    def submit(self, *_words: object, workers: list[str], **_: object) -> Future:
        self.sent.append(workers)
        self.workers = self.then
        is_there = set(workers) & set(self.workers)
        self.futures.append(Future({"ran": True} if len(self.sent) > 1 and is_there else None))
        return self.futures[-1]


def run(client: Client, needs: dict[str, float], look: Callable[[], None] = lambda: None) -> Any:
    engine = dask.DaskEngine(client, "dask://there")  # type: ignore[arg-type]
    return engine.run(print, {}, needs, print, threading.Event(), {"full"}, look)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    for name in ("_LOOK_S", "_PAUSE_S", "_FRESH_S"):
        monkeypatch.setattr(dask, name, 0.001)


@pytest.mark.parametrize(
    ("then", "needs"),
    [
        ({"full": {"cpu": 1}, "new": {"cpu": 1}}, {"cpu": 1}),
        ({"old": {"cpu": 1}, "new": {"cpu": 1, "gpu": 1}}, {"cpu": 1, "gpu": 1}),
    ],
    ids=["all are gone", "those that could do it are gone"],
)
def test_it_is_sent_anew(then: dict[str, Any], needs: dict[str, float]) -> None:
    client = Client({"full": {"cpu": 1}, "old": {"cpu": 1}}, then)
    assert run(client, needs) == {"ran": True}
    assert client.sent == [["old"], sorted(set(then) - {"full"})]
    assert client.futures[0].is_cancelled


def test_without_any_it_waits_as_long_as_it_is_told() -> None:
    """Who looks gives it up; until then it is sent nowhere else."""
    looks: list[int] = []

    def look() -> None:
        looks.append(1)
        if len(looks) == 5:
            raise LostError("nobody")

    client = Client({"full": {"cpu": 1}, "old": {"cpu": 1}}, {"full": {"cpu": 1}})
    with pytest.raises(LostError, match="nobody"):
        run(client, {"cpu": 1}, look)
    assert client.sent == [["old"]]


def test_a_scheduler_that_is_slow_has_the_workers_that_it_had() -> None:
    """One that has not told of any is asked again; one that is gone is not."""
    client = Client({"old": {"cpu": 1}}, {})
    client.silent = 2
    engine = dask.DaskEngine(client, "dask://there")  # type: ignore[arg-type]
    assert engine.workers() == {"old": {"cpu": 1}}
    assert client.silent == 0
    client.silent = 1
    assert engine._asked() == {"old": {"cpu": 1}}
    client.workers = {}
    assert engine._asked() == {}
    client.status = "closed"
    assert engine._asked() == {"old": {"cpu": 1}}, "which a stage that is sent to it finds out"
    client.silent, client.status = 1, "connecting"
    assert dask.DaskEngine(client, "dask://there").workers() == {}  # type: ignore[arg-type]
    assert client.silent == 1
