"""The resident process of a build.

    python -m edgewright.scons._stage_server LISTENER OWNER         (see _resident, which starts it)

It stays in the process group of the build, so that a terminal's Ctrl-C reaches the stages, which it does not end with.
A child tells which modules its stage imported; the second time that a module is told of, it is imported here. Files of
modules that are imported here are looked at before each fork: where one has changed, a new resident is started.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import io
import json
import os
import runpy
import signal
import socket
import sys
import tempfile
import threading
import traceback
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from types import ModuleType

from edgewright import interrupts
from edgewright.forked.server import Request, Server, Work
from edgewright.surroundings import PACKAGE_ROOT

NEVER = {
    "__main__",
    "tensorflow",
    "tf_keras",
    "keras",
    "tensorflow_model_optimization",
    "tflite_runtime",
    "ai_edge_litert",
}
"""Not to be imported here: TensorFlow has a process of its own, and never shares one with the other runtimes."""

PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals that the build passes on to all of its processes: they are for the stages."""

OFTEN = 2  # stages that imported a module by themselves, until it is imported for all

_LONGEST = 1 << 20  # bytes of a message

Stamp = tuple[int, ...]


class Modules:
    """What is imported here, for the stages to come."""

    def __init__(self) -> None:
        self._told: Counter[str] = Counter()
        self._stamps: dict[str, Stamp | None] = {}
        self._shared = 0

    def tell(self, names: Iterable[str]) -> None:
        """A stage had to import these."""
        self._told.update(names)

    def fetch(self, stage: str) -> None:
        """Import a stage's module, and what several had to import."""
        own = [stage] if stage.startswith("edgewright.") else []  # others may do their work when they are imported
        for name in (*own, *(name for name, times in self._told.items() if times >= OFTEN)):
            if name not in sys.modules:
                with suppress(BaseException):  # the stage that imports it tells why it cannot be
                    importlib.import_module(name)
            self._told.pop(name, None)
        if len(sys.modules) != self._shared:
            self._shared = len(sys.modules)
            sys.stdout.flush()  # of libraries that print when they are imported
            gc.collect()
            gc.freeze()  # children share the pages of what is imported

    def are_current(self) -> bool:
        """Whether their files are still those that were imported."""
        for file in {file for module in list(sys.modules.values()) if (file := file_of(module))}:
            if self._stamps.setdefault(file, stamp := _stamp(file)) != stamp:
                return False
        return True


def file_of(module: ModuleType) -> str | None:
    """The file of a module; None for one that has none."""
    file = getattr(module, "__file__", None)
    return file if isinstance(file, str) else None


def _stamp(file: str) -> Stamp | None:
    try:
        stat = Path(file).stat()
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino


def shared(names: Iterable[str]) -> list[str]:
    """Of modules that a stage imported those that others can share: of Python, of Edgewright, and installed ones."""
    places = (str(PACKAGE_ROOT / "edgewright"), *(path for path in sys.path if path.endswith("-packages")))
    standard = sys.stdlib_module_names
    return [
        name
        for name in names
        if (top := name.partition(".")[0]) not in NEVER
        and (top in standard or (file_of(sys.modules[name]) or "").startswith(places))
    ]


class Stages:
    """Forks of this process that are stages.

    Args:
        modules: what is imported here.
        teller: where children tell what they imported, a message each.
    """

    def __init__(self, modules: Modules, teller: socket.socket) -> None:
        self._modules = modules
        self._teller = teller
        self._handlers = {number: signal.signal(number, signal.SIG_IGN) for number in PASSED_ON}

    def take(self, request: Request) -> bool:
        """Make ready for the fork of a stage; False where code has changed."""
        if not self._modules.are_current():
            return False
        self._modules.fetch(request["words"][0])
        return self._modules.are_current()

    def run(self, request: Request, files: list[int]) -> int:
        """Be `python -m` with the words of the request, in a child; gives the exit code."""
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        interrupts.end_quietly()
        _stream_to(files)
        os.environ.clear()
        os.environ.update(request["env"])
        tempfile.tempdir = None
        importlib.invalidate_caches()
        before = set(sys.modules)
        code = _ended(_program(request["words"]))
        with suppress(OSError):
            self._teller.send(json.dumps(shared(set(sys.modules) - before)).encode(), socket.MSG_DONTWAIT)
        return code


def _stream_to(files: Sequence[int]) -> None:
    """Take the client's input, output and errors for this process's own."""
    for place, file in enumerate(files):
        os.dup2(file, place)
        os.close(file)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=sys.stdout.isatty())


def _program(words: Sequence[str]) -> int:
    """Run a module as the program, with its arguments; gives the exit code."""
    module, *arguments = words
    sys.argv = ["-m", *arguments]
    sys.modules.pop(module, None)  # the program is not what others import
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if isinstance(end.code, int) or end.code is None:
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    except BaseException:  # noqa: BLE001 - as Python ends a program
        traceback.print_exc()
        return 1
    return 0


def _ended(code: int) -> int:
    """Do what Python does at the end of a program, but for taking modules apart; gives the code."""
    threading._shutdown()  # type: ignore[attr-defined]  # waits for threads
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    return code & 0xFF


def main() -> None:
    """Serve."""
    modules = Modules()
    told, teller = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    stages = Stages(modules, teller)
    server = Server(socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2]), Work(stages.take, stages.run), None)
    server.watch(told.fileno(), lambda: modules.tell(json.loads(told.recv(_LONGEST))))
    server.serve()


if __name__ == "__main__":
    main()
