"""What an engine is to a build, and what a worker is to the work that runs on it."""

from __future__ import annotations

import re
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

Message = Mapping[str, Any]
"""What work tells while it runs: texts, numbers, bytes and lists of them by name."""


MIB = 1 << 20


def board_name(identity: str) -> str:
    """What a device is called among resources and files: "serial:/dev/ttyACM0" is "serial-dev-ttyACM0"."""
    return re.sub(r"[^A-Za-z0-9._@-]+", "-", identity)


@dataclass(frozen=True)
class Needs:
    """What a stage takes of a machine while it runs.

    Attributes:
        cpu: cores.
        ram_bytes: memory.
        gpu: graphics processors.
        board: a thing that it works on, which is fixed to one machine.
    """

    cpu: int = 1
    ram_bytes: int = 256 * MIB
    gpu: int = 0
    board: str | None = None

    def resources(self) -> dict[str, float]:
        """The same, as engines have it."""
        found: dict[str, float] = {"cpu": self.cpu, "ram": self.ram_bytes}
        if self.gpu:
            found["gpu"] = self.gpu
        if self.board:
            found[f"board:{self.board}"] = 1
        return found


LEARNS = Needs(ram_bytes=1536 * MIB)
"""What a stage takes that holds TensorFlow and examples."""


class LostError(Exception):
    """A worker, or the engine itself, is gone; for people."""


class Stopped(Exception):  # noqa: N818 - nothing went wrong
    """The work was given up, as it was asked to be."""


class Host(Protocol):
    """The worker, as work sees it that runs there."""

    def tell(self, message: Message) -> None:
        """Have the build know."""

    def is_wanted(self) -> bool:
        """Whether somebody still waits for the work."""


Call = Callable[[dict[str, Any], Host], dict[str, Any]]
"""Work: a function of a module, which gets a request and the worker, and gives an answer."""


class Engine(ABC):
    """One connection to an engine; its methods may be called by several threads at once."""

    @abstractmethod
    def workers(self) -> Mapping[str, Mapping[str, float]]:
        """What each worker that is there now offers, by its address."""

    @abstractmethod
    def ask(self, worker: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function on a worker at once, whatever else it does. LostError: it is gone."""

    @abstractmethod
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
        """Have a worker do work that has what it needs, and wait for the answer.

        A worker that dies meanwhile is replaced by another one, on which the work begins anew.

        Args:
            work: what is done.
            request: what it is given.
            needs: what it takes of a worker's resources while it runs.
            heard: called in this thread with what it tells, which has "worker", an address, besides.
            stop: when it is set, the work is given up.
            avoid: addresses of workers that it does not go to.
            look: called in this thread now and then while nothing is told; what it raises gives the work up.

        Raises:
            LostError: too many workers died of it, or the engine is gone.
            Stopped: it was given up.
        """

    @abstractmethod
    def close(self) -> None:
        """End the connection, and all work that it waits for."""
