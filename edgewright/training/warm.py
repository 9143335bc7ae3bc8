"""Runs a TensorFlow stage: in a child of a warm server where the build offers one, else in a child of this process.

Importing TensorFlow takes seconds, more than most stages. A process that has imported it and run no operation can be
forked, so one server imports it once a build and forks a child for each stage. A stage pasted into a shell needs none.

The build sets EDGEWRIGHT_WARM, the path of a Unix socket, and EDGEWRIGHT_WARM_OWNER, the process with which the server
ends; where both are set already, builds share the server of who started them. The first stage starts the server, or
`python -m edgewright.training.warm` ahead of it. With a request go the file descriptors of output, errors and log.
Whatever goes wrong with the server, the stage is run here instead, unless the build itself is gone: stages write whole
files or none, so that beginning anew is always right.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any, BinaryIO, NoReturn

from edgewright import scratch
from edgewright.command_line import guarded
from edgewright.errors import ToolError
from edgewright.forked import client
from edgewright.forked.server import die_with
from edgewright.stage_command import Command
from edgewright.training import _worker, quiet

SOCKET = _worker.SOCKET
OWNER = "EDGEWRIGHT_WARM_OWNER"
IDLE = "EDGEWRIGHT_WARM_IDLE_S"  # seconds that the server waits for a stage before it ends; "inf"
FAULTS = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL)
LIBRARY_VARIABLES = ("TF_", "OMP_", "KMP_", "CUDA_", "XLA_", "PYTHON")  # read when a library is imported


def run(main: Command[Any], with_tensorflow: Callable[[Any], bool] = lambda _: True) -> NoReturn:
    """Run a stage on the command line, and end the process with its exit code.

    Its options are read here first, so that `--help` and mistakes cost no start-up. Where these say that it does
    without TensorFlow, no server is started for it.
    """
    argv = sys.argv[1:]
    sys.exit(guarded(lambda _: _run(main, argv, with_tensorflow), argv, sys.stderr))


def start_ahead() -> None:
    """Start the server that the environment names, where there is none, and do not wait for it."""
    with suppress(OSError), closing(client.connect(Path(os.environ[SOCKET]), _start)):
        pass


@contextmanager
def kept() -> Iterator[None]:
    """One process that has imported TensorFlow, for the stages started within; a build's where there is one."""
    if SOCKET in os.environ:
        yield
        return
    with scratch.kept() as folder:
        added = {SOCKET: str(folder / "warm"), OWNER: str(os.getpid())}
        os.environ.update(added)
        try:
            yield
        finally:
            for name in added:
                del os.environ[name]


def _run(main: Command[Any], argv: Sequence[str], with_tensorflow: Callable[[Any], bool]) -> int:
    in_server = with_tensorflow(main.parse(argv)) and SOCKET in os.environ
    stage = main.module
    with tempfile.TemporaryFile() as log:
        code = _in_server(stage, argv, log) if in_server else None
        if code is None and _is_orphan():
            return 128 + signal.SIGTERM
        if code is None:
            code = _in_child(stage, argv, log)
        if code < 0 and code != -signal.SIGINT:
            print(quiet.tail(log.fileno()), file=sys.stderr)
            return _died(stage, -code, quiet.done_last(log.fileno()))
    return code if code >= 0 else 128 - code  # as shells report a signal


def _died(stage: str, number: int, doing: str) -> int:
    """Say how a stage's process ended; gives the exit code. A library's own fault is told with what it was doing."""
    name = signal.Signals(number).name
    if number not in FAULTS or not doing:
        print(f"error: {stage} was killed by {name}", file=sys.stderr)
        return 128 + number  # as shells report a signal
    hint = "leave out the layers added last, one by one, to find the one; another version of it may do better"
    print(f"error: {doing}, and ended its process ({name}) instead of saying why\n  hint: {hint}", file=sys.stderr)
    return ToolError.exit_code


def _is_orphan() -> bool:
    """Whether the build that asked for this stage is gone, and its server with it: nobody waits for the stage."""
    try:
        owner = os.pidfd_open(int(os.environ[OWNER]))
    except ProcessLookupError:
        return True
    except (OSError, KeyError, ValueError):
        return False
    try:
        return bool(select.select([owner], [], [], 0)[0])  # readable once the process has ended, if nobody knows it yet
    finally:
        os.close(owner)


def _in_child(stage: str, argv: Sequence[str], log: BinaryIO) -> int:
    """Fork and wait; the child ends with this process."""
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            die_with(parent)
            code = _worker.work(stage, argv, 1, 2, log.fileno())
        finally:
            os._exit(code)
    with suppress(KeyboardInterrupt):
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])  # the terminal sent Ctrl-C to the child too


def _in_server(stage: str, argv: Sequence[str], log: BinaryIO) -> int | None:
    """Have the server run the stage; None when it could not, or ended before the stage did."""
    request = {
        "stage": stage,
        "argv": list(argv),
        "cwd": str(Path.cwd()),
        "env": dict(os.environ),
        "path": sys.path,
        "fingerprint": fingerprint(),
    }
    return client.run(Path(os.environ[SOCKET]), _start, request, [1, 2, log.fileno()])


def worker_anew() -> ModuleType:
    """The module that runs stages, imported anew with all of Edgewright's own code: edited code is never missed."""
    for name in [name for name in sys.modules if name.split(".")[0] == "edgewright"]:
        del sys.modules[name]
    importlib.invalidate_caches()
    return importlib.import_module("edgewright.training._worker")


def fingerprint() -> str:
    """What a server must share with its clients: the interpreter, the installed packages, its own code, settings."""
    here = Path(__file__).parent
    packages = [Path(folder) for folder in sys.path if folder.endswith("-packages")]  # a new one changes the folder
    own = [(here / name).read_bytes() for name in ("warm.py", "_warm_server.py", "_worker.py", "tensorflow.py")]
    own += [path.read_bytes() for path in sorted((here.parent / "forked").glob("*.py"))]
    stats = [(str(path), path.stat().st_mtime_ns) for path in packages if path.exists()]
    settings = sorted((name, value) for name, value in os.environ.items() if _decides(name))
    return hashlib.sha256(repr([sys.executable, sys.version, own, stats, settings]).encode()).hexdigest()


def _decides(variable: str) -> bool:
    """Whether libraries read it when they are imported; where modules are looked for, the server asks by itself."""
    return variable.startswith(LIBRARY_VARIABLES) and variable != "PYTHONPATH"


def _start(listener: int) -> None:
    """Start a server on a socket that listens already."""
    server = "edgewright.training._warm_server"
    command = [sys.executable, "-m", server, str(listener), os.environ[OWNER]]
    subprocess.Popen(
        [*command, fingerprint()],
        pass_fds=[listener],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


if __name__ == "__main__":
    start_ahead()
