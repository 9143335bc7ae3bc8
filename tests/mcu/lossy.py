"""A serial line that loses, doubles, flips and delays bytes, between a client and a device on TCP."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Faults:
    """How often each thing happens to a byte; `delay_s` is how long a delay is at most."""

    drop: float = 0.0
    double: float = 0.0
    flip: float = 0.0
    delay: float = 0.0
    delay_s: float = 0.0


@contextlib.contextmanager
def line(device: str, faults: Faults, seed: int) -> Iterator[str]:
    """The URL of the near end of a line to `device`, a socket:// URL too. The far end is connected at once."""
    host, port = device.removeprefix("socket://").split(":")
    with (
        socket.create_connection((host, int(port))) as far,
        socket.create_server(("127.0.0.1", 0)) as listener,
    ):
        threading.Thread(target=_serve, args=(listener, far, faults, seed), daemon=True).start()
        yield f"socket://127.0.0.1:{listener.getsockname()[1]}"


def _serve(listener: socket.socket, far: socket.socket, faults: Faults, seed: int) -> None:
    with contextlib.suppress(OSError):
        near, _ = listener.accept()
        with near:
            near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            back = threading.Thread(target=_pump, args=(far, near, faults, random.Random(seed)), daemon=True)
            back.start()
            _pump(near, far, faults, random.Random(seed + 1))


def _pump(source: socket.socket, sink: socket.socket, faults: Faults, chance: random.Random) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(4096):
            sink.sendall(b"".join(_through(byte, faults, chance) for byte in data))
            if chance.random() < faults.delay * len(data):
                time.sleep(chance.random() * faults.delay_s)


def _through(byte: int, faults: Faults, chance: random.Random) -> bytes:
    if chance.random() < faults.drop:
        return b""
    if chance.random() < faults.flip:
        byte ^= 1 << chance.randrange(8)
    return bytes([byte]) * (2 if chance.random() < faults.double else 1)
