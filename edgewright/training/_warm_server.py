"""The warm server of a build: imports TensorFlow once, and forks a child for each stage that a client hands over.

    python -m edgewright.training._warm_server LISTENER OWNER FINGERPRINT       (see warm, which starts it)

It ends with the process OWNER, when nobody needed it for a while, or when a client shows it to be out of date or
would have loaded other packages. Between clients and children nothing outlives the other: a client that goes takes its
child along, and the kernel kills the children of a server that dies. Children import Edgewright's own code anew, so
edited code is never missed.
"""

from __future__ import annotations

import gc
import importlib
import json
import math
import os
import selectors
import signal
import socket
import struct
import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from edgewright.hidden import hidden
from edgewright.training import _worker, tensorflow
from edgewright.training.warm import IDLE, INTERRUPT, worker_anew

IDLE_S = 60.0  # unless the environment says otherwise
REQUEST_TIMEOUT_S = 5.0
OWN = {"edgewright", "__main__"}

# all that a stage imports besides our own code, including what TensorFlow itself imports late
PACKAGES = (
    "numpy",
    "h5py",
    "pydantic.main",
    "pydantic.fields",
    "pydantic.functional_validators",
    "rich.console",
    "rich.progress",
    "tflite",
    "tf_keras",
    "tensorflow_model_optimization",
)

UNUSED = ("keras",)
"""Keras 3, which tensorflow-model-optimization imports to look for a module that it lacks: a second and 50 MB."""


class Loaded:
    """The modules that this process has loaded, without our own, which children import anew.

    Args:
        path: where it looked for them; packages add to `sys.path` what is theirs.
    """

    def __init__(self, path: Sequence[str]) -> None:
        self._path = set(path)
        tops = {name: module for name, module in sys.modules.items() if "." not in name and name not in OWN}
        self._names = set(tops)
        files = (Path(file) for module in tops.values() if (file := getattr(module, "__file__", None)))
        self._places = {str(file.parents[file.name == "__init__.py"]) for file in files}

    def are_those_of(self, path: Sequence[str]) -> bool:
        """Whether a process that looks for modules in `path` would have loaded the same."""
        if self._places & (self._path - set(path)):
            return False
        return not any(self._names & _modules_in(Path(folder)) for folder in set(path) - self._path)


def _modules_in(folder: Path) -> set[str]:
    """Names of the modules and packages in a folder; none where there is no folder."""
    try:
        entries = list(folder.iterdir())
    except OSError:
        return set()
    modules = {entry.name.partition(".")[0] for entry in entries if entry.suffix in {".py", ".so"}}
    return modules | {entry.name for entry in entries if (entry / "__init__.py").is_file()}


class Server:
    """The loop that serves.

    Args:
        listener: the listening socket.
        owner: id of the process with which to end.
        fingerprint: `_warm.fingerprint()` of the client that started it.
        loaded: what children find loaded.
    """

    def __init__(self, listener: socket.socket, owner: int, fingerprint: str, loaded: Loaded) -> None:
        self._listener = listener
        self._fingerprint = fingerprint
        self._events = selectors.DefaultSelector()
        self._clients: dict[int, socket.socket] = {}  # by id of the child that works for it
        self._pidfds: dict[int, int] = {}
        self._owner = os.pidfd_open(owner)
        self._events.register(self._owner, selectors.EVENT_READ, self._stop)
        self._events.register(listener, selectors.EVENT_READ, self._accept)
        self._owned = True
        self._current = True
        self._loaded = loaded
        idle_s = float(os.environ.get(IDLE, IDLE_S))
        self._idle_s = None if math.isinf(idle_s) else idle_s

    def serve(self) -> None:
        """Serve until there is a reason to end."""
        while self._owned and (self._current or self._clients):
            ready = self._events.select(None if self._clients else self._idle_s)
            if not ready and not self._clients:
                return
            for key, _ in ready:
                key.data()
        for child in list(self._clients):
            os.kill(child, signal.SIGKILL)

    def _stop(self) -> None:
        self._owned = False

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        try:
            request, fds = _receive(client)
        except (OSError, ValueError, struct.error):
            client.close()
            return
        if request["fingerprint"] != self._fingerprint or not self._loaded.are_those_of(request["path"]):
            self._retire(client)
        else:
            self._fork(client, request, fds)
        for fd in fds:
            os.close(fd)

    def _retire(self, client: socket.socket) -> None:
        """Take no further client; the answer makes this one start a new server."""
        self._current = False
        self._events.unregister(self._listener)
        self._listener.close()
        client.sendall(b'{"stale": true}\n')
        client.close()

    def _fork(self, client: socket.socket, request: dict[str, Any], fds: list[int]) -> None:
        parent = os.getpid()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                self._close_all(client)
                _worker.die_with(parent)
                code = _child(request, fds)
            finally:
                os._exit(code)
        self._clients[child] = client
        self._pidfds[child] = os.pidfd_open(child)
        self._events.register(self._pidfds[child], selectors.EVENT_READ, lambda: self._ended(child))
        self._events.register(client, selectors.EVENT_READ, lambda: self._heard(child))
        with suppress(OSError):
            client.sendall(b'{"started": true}\n')

    def _ended(self, child: int) -> None:
        """A child ended: tell its client."""
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        client = self._clients.pop(child)
        self._events.unregister(self._pidfds[child])
        os.close(self._pidfds.pop(child))
        with suppress(KeyError):
            self._events.unregister(client)
        with suppress(OSError):
            client.sendall(json.dumps({"exit": code}).encode() + b"\n")
        client.close()

    def _heard(self, child: int) -> None:
        """A client passes Ctrl-C on, or is gone."""
        if child not in self._clients:  # its child ended in the same round
            return
        try:
            message = self._clients[child].recv(1)
        except OSError:
            message = b""
        if message == INTERRUPT:
            os.kill(child, signal.SIGINT)
        else:
            os.kill(child, signal.SIGKILL)
            self._events.unregister(self._clients[child])

    def _close_all(self, client: socket.socket) -> None:
        """In the child: hold on to nothing by which others notice that the server or a client is gone."""
        for key in list(self._events.get_map().values()):
            os.close(key.fd)
        os.close(client.fileno())
        self._events.close()


def _receive(client: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """A request and the file descriptors of output, errors and log; ValueError when it is none of ours."""
    client.settimeout(REQUEST_TIMEOUT_S)
    credentials = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    if struct.unpack("3i", credentials)[1] != os.getuid():
        raise ValueError("a client of another user")
    head, fds, _, _ = socket.recv_fds(client, 4, 3)
    length = struct.unpack(">I", head)[0]
    with client.makefile("rb") as stream:
        request: dict[str, Any] = json.loads(stream.read(length))
    client.settimeout(None)
    return request, fds


def _child(request: dict[str, Any], fds: list[int]) -> int:
    """Become the stage that the client asked for."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    sys.path[:] = request["path"]
    code: int = worker_anew().work(request["stage"], request["argv"], *fds)
    return code


def main() -> None:
    """Import, then serve."""
    warnings.simplefilter("ignore")  # Python 3.12 warns of a fork in a process with threads
    listener = socket.socket(fileno=int(sys.argv[1]))
    path = list(sys.path)
    tensorflow.import_tensorflow()
    with hidden(*UNUSED):
        for package in PACKAGES:
            importlib.import_module(package)
    gc.collect()
    gc.freeze()  # children share the pages of what is imported
    Server(listener, int(sys.argv[2]), sys.argv[3], Loaded(path)).serve()


if __name__ == "__main__":
    main()
