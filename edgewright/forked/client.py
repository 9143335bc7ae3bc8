"""The client: connects to a server, which it starts where there is none, and waits for the work to end."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

FILES = 3
"""How many file descriptors go with a request."""

INTERRUPT = b"I"
"""What the client sends on Ctrl-C."""

ANSWER_TIMEOUT_S = 120.0  # importing TensorFlow on a slow and busy machine


def run(path: Path, start: Callable[[int], None], request: Mapping[str, Any], files: Sequence[int]) -> int | None:
    """Have the server at `path` do what `request` asks; gives the exit code, below 0 for a signal that ended it.

    Args:
        path: the Unix socket, in a folder that is there.
        start: starts a server on a listening socket, given as a file descriptor.
        request: JSON values.
        files: file descriptors for the child, `FILES` of them.

    None when the server could not do it, or ended before the work did.
    """
    for _ in range(2):  # the second time after a server that was out of date
        try:
            with closing(connect(path, start)) as server:
                _send(server, request, files)
                answer = _answer(server)
        except (OSError, ValueError, KeyError):
            return None
        if answer is None or "exit" in answer:
            return None if answer is None else int(answer["exit"])
    return None


def connect(path: Path, start: Callable[[int], None]) -> socket.socket:
    """A connection to the server at `path`, which is started if there is none."""
    with _locked(path.with_name(path.name + ".lock")), _short(path) as address:
        client = socket.socket(socket.AF_UNIX)
        try:
            client.connect(address)
        except OSError:
            with suppress(FileNotFoundError):
                Path(address).unlink()
            with closing(socket.socket(socket.AF_UNIX)) as listener:  # clients can queue while the server imports
                listener.bind(address)
                listener.listen(64)
                start(listener.fileno())
            client.connect(address)
        return client


def _send(server: socket.socket, request: Mapping[str, Any], files: Sequence[int]) -> None:
    body = json.dumps(request).encode()
    socket.send_fds(server, [struct.pack(">I", len(body))], list(files))
    server.sendall(body)


def _answer(server: socket.socket) -> dict[str, Any] | None:
    """The last answer of the server; None when it ended without one."""
    with server.makefile("rb") as lines:
        server.settimeout(ANSWER_TIMEOUT_S)
        first = _line(lines, server)
        if first is None or "started" not in first:
            return first
        server.settimeout(None)
        return _line(lines, server)


def _line(lines: BinaryIO, server: socket.socket) -> dict[str, Any] | None:
    while True:
        try:
            line = lines.readline()
        except KeyboardInterrupt:
            server.sendall(INTERRUPT)
            continue
        answer: dict[str, Any] | None = json.loads(line) if line.endswith(b"\n") else None
        return answer


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """An address for `path` that stays under the 108 bytes which a Unix socket allows."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
