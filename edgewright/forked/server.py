"""The server: takes requests on a Unix socket, and forks a child for each."""

from __future__ import annotations

import ctypes
import json
import os
import selectors
import signal
import socket
import struct
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from edgewright.forked.client import FILES, INTERRUPT

REQUEST_TIMEOUT_S = 5.0
PR_SET_PDEATHSIG = 1  # <linux/prctl.h>

Request = Mapping[str, Any]


@dataclass(frozen=True)
class Work:
    """What a server is for.

    Attributes:
        takes: whether a child would do what a request asks as a process does that starts now; asked in the server, just
            before it forks.
        does: does it in the child, with the file descriptors of the client; gives the exit code.
    """

    takes: Callable[[Request], bool]
    does: Callable[[Request, list[int]], int]


class Server:
    """The loop that serves, until its owner ends, or nobody needed it for a while, or it is out of date.

    Args:
        listener: the listening socket.
        owner: id of the process with which to end.
        work: what it is for.
        idle_s: seconds without a client after which it ends; None: it waits for ever.
    """

    def __init__(self, listener: socket.socket, owner: int, work: Work, idle_s: float | None) -> None:
        self._listener = listener
        self._work = work
        self._idle_s = idle_s
        self._events = selectors.DefaultSelector()
        self._clients: dict[int, socket.socket] = {}  # by id of the child that works for it
        self._pidfds: dict[int, int] = {}
        self._owner = os.pidfd_open(owner)
        self.watch(self._owner, self._stop)
        self.watch(listener.fileno(), self._accept)
        self._owned = True
        self._current = True

    def watch(self, file: int, told: Callable[[], None]) -> None:
        """Call `told` when there is something to read; the children close the file."""
        self._events.register(file, selectors.EVENT_READ, told)

    def forget(self, file: int) -> None:
        """No longer look at a file."""
        self._events.unregister(file)

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
            request, files = _receive(client)
        except (OSError, ValueError, struct.error):
            client.close()
            return
        if self._work.takes(request):
            self._fork(client, request, files)
        else:
            self._retire(client)
        for file in files:
            os.close(file)

    def _retire(self, client: socket.socket) -> None:
        """Take no further client; the answer makes this one start a new server."""
        self._current = False
        self.forget(self._listener.fileno())
        self._listener.close()
        with suppress(OSError):
            client.sendall(b'{"stale": true}\n')
        client.close()

    def _fork(self, client: socket.socket, request: Request, files: list[int]) -> None:
        parent = os.getpid()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                self._close_all(client)
                die_with(parent)
                code = self._work.does(request, files)
            finally:
                os._exit(code)
        self._clients[child] = client
        self._pidfds[child] = os.pidfd_open(child)
        self.watch(self._pidfds[child], lambda: self._ended(child))
        self.watch(client.fileno(), lambda: self._heard(child))
        with suppress(OSError):
            client.sendall(b'{"started": true}\n')

    def _ended(self, child: int) -> None:
        """A child ended: tell its client."""
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        client = self._clients.pop(child)
        self.forget(self._pidfds[child])
        os.close(self._pidfds.pop(child))
        with suppress(KeyError):
            self.forget(client.fileno())
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
            self.forget(self._clients[child].fileno())

    def _close_all(self, client: socket.socket) -> None:
        """In the child: hold on to nothing by which others notice that the server or a client is gone."""
        for key in list(self._events.get_map().values()):
            os.close(key.fd)
        os.close(client.fileno())
        self._events.close()


def die_with(parent: int) -> None:
    """Have the kernel kill this process when `parent`, the process that forked it, ends."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before the call
        os._exit(1)


def _receive(client: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """A request and the file descriptors that came with it; ValueError when it is none of ours."""
    client.settimeout(REQUEST_TIMEOUT_S)
    credentials = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    if struct.unpack("3i", credentials)[1] != os.getuid():
        raise ValueError("a client of another user")
    head, files, _, _ = socket.recv_fds(client, 4, FILES)
    length = struct.unpack(">I", head)[0]
    with client.makefile("rb") as stream:
        request: dict[str, Any] = json.loads(stream.read(length))
    client.settimeout(None)
    return request, files
