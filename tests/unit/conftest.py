"""Tests of this folder run in their process alone: no TensorFlow, no interpreter of models, no command, no socket.

So the folder takes less than a minute on one core. A test that needs more fails here and is told where it belongs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import numpy.testing  # noqa: F401  it asks lscpu about the processor, once
import pytest

MODULES = {"tensorflow", "tf_keras", "keras", "tflite_runtime", "ai_edge_litert", "tflite_micro"}
STARTS = {"subprocess.Popen", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system"}
SOCKETS = {"socket.bind", "socket.connect", "socket.getaddrinfo"}
PLACES = """tests/unit is for tests that need no other process, no network, no TensorFlow and no interpreter of models.
Move this one to tests/training or tests/passes (what trains), tests/compiler or tests/tflite (C that is built and run,
runtimes), tests/integration (commands, whole stages), or another folder of tests/README.md."""


class Guard:
    """Fails what a test of this folder must not do: an audit hook, which stays, but is switched on and off."""

    def __init__(self) -> None:
        self.active = False
        sys.addaudithook(self)

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.active and (what := _forbidden(event, arguments)):
            pytest.fail(f"{what}\n{PLACES}", pytrace=False)

    @contextmanager
    def on(self) -> Iterator[None]:
        """Modules that tests of other folders have imported are hidden, or their imports would not be seen."""
        hidden = {name: module for name, module in sys.modules.items() if _forbidden("import", (name,))}
        for name in hidden:
            del sys.modules[name]
        self.active = True
        try:
            yield
        finally:
            self.active = False
            sys.modules.update(hidden)


def _forbidden(event: str, arguments: tuple[object, ...]) -> str | None:
    if event == "import" and str(arguments[0]).partition(".")[0] in MODULES:
        return f"a unit test imports {arguments[0]}"
    if event in STARTS:
        return f"a unit test starts a process: {arguments[0] if arguments else event}"
    return f"a unit test opens a socket: {event}" if event in SOCKETS else None


GUARD = Guard()


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Iterator[None]:
    with GUARD.on():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Iterator[None]:
    with GUARD.on():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    with GUARD.on():
        return (yield)
