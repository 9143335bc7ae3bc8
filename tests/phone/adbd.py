"""A stand-in for a phone: adbd's side of adb's transport protocol, for the real adb client.

It speaks CNXN, AUTH, OPEN, OKAY, WRTE and CLSE over TCP, and the services `shell,v2` and `sync:` (STAT, SEND, RECV).
Commands run in this machine's shell with the phone's folders led into a sandbox, and the loader of Arm programs led
through QEMU. The wire formats are those of adb's protocol.txt, SYNC.TXT and shell_protocol.h.
"""

from __future__ import annotations

import contextlib
import os
import queue
import re
import socket
import struct
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

A_CNXN, A_AUTH, A_OPEN, A_OKAY, A_WRTE, A_CLSE = (
    int.from_bytes(name, "little") for name in (b"CNXN", b"AUTH", b"OPEN", b"OKAY", b"WRTE", b"CLSE")
)
VERSION, MAX_DATA = 0x01000001, 256 * 1024
TOKEN = 1
STDIN, STDOUT, STDERR, EXIT = range(4)

PROPERTIES = {
    "ro.product.model": "Stand-in",
    "ro.soc.model": "EW76",
    "ro.build.version.release": "14",
    "ro.product.cpu.abi": "arm64-v8a",
}
SENSORS = {
    "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "schedutil",
    "sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq": "1800000",
    "sys/devices/system/cpu/cpu0/cpufreq/scaling_max_freq": "1800000",
    "sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq": "2400000",
    "sys/class/thermal/thermal_zone0/type": "cpu-big",
    "sys/class/thermal/thermal_zone0/temp": "41500",
}


@dataclass
class Phone:
    """The phone's state, which a test sets.

    Attributes:
        root: its file system.
        emulator: what runs an Arm program: words before its path.
        mode: "device", "unauthorized" (asks for a key that it never takes) or "offline" (never greets).
        gone_after: it goes away when so many bytes have been sent to it; None for never.
        free_bytes: room on its disk; None for enough.
        replaced: commands of the shell that it has in another form: pattern and replacement.
        properties: of getprop.
        received, commands: bytes of files, and commands, that came.
    """

    root: Path
    emulator: str
    mode: str = "device"
    gone_after: int | None = None
    free_bytes: int | None = None
    replaced: dict[str, str] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=lambda: dict(PROPERTIES))
    received: int = 0
    pushed: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        tools = self.root / "bin"
        tools.mkdir(parents=True)
        (self.root / "data/local/tmp").mkdir(parents=True)
        for name, text in SENSORS.items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(f"{text}\n")

    def path(self, name: str) -> Path:
        return self.root / name.lstrip("/")

    def translated(self, command: str) -> str:
        """A command with the phone's paths as they are here."""
        for pattern, replacement in self.replaced.items():
            command = re.sub(pattern, replacement, command)
        return re.sub(r"(?<![\w.])/(data/local/tmp|sys/(?:devices|class))", rf"{self.root}/\1", command)

    def environment(self) -> dict[str, str]:
        cases = "\n".join(f"{name}) echo '{value}' ;;" for name, value in self.properties.items())
        script(self.root / "bin/getprop", f'case "$1" in\n{cases}\nesac')
        path = f"{self.root / 'bin'}:{os.environ['PATH']}"
        return {"PATH": path, "LC_ALL": "C"}


def script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


class GoneError(Exception):
    """The connection ends here."""


class Connection:
    """One adb server that is connected."""

    def __init__(self, phone: Phone, link: socket.socket) -> None:
        self.phone = phone
        self.link = link
        self.writing = threading.Lock()
        self.streams: dict[int, Stream] = {}

    def serve(self) -> None:
        with contextlib.suppress(GoneError, OSError), self.link:
            while True:
                command, first, second, data = self.receive()
                self.handle(command, first, second, data)
        for stream in list(self.streams.values()):
            stream.incoming.put(None)

    def handle(self, command: int, first: int, second: int, data: bytes) -> None:
        if command in (A_CNXN, A_AUTH):
            self.greet()
        elif command == A_OPEN:
            stream = Stream(self, len(self.streams) + 1, first, data.rstrip(b"\0").decode())
            self.streams[stream.ours] = stream
            threading.Thread(target=stream.run, daemon=True).start()
        elif second in self.streams:
            stream = self.streams[second]
            if command == A_WRTE:
                stream.incoming.put(data)
                self.send(A_OKAY, stream.ours, stream.theirs)
            elif command == A_OKAY:
                stream.ready.set()
            elif command == A_CLSE:
                stream.incoming.put(None)
                stream.ready.set()

    def greet(self) -> None:
        if self.phone.mode == "unauthorized":
            self.send(A_AUTH, TOKEN, 0, bytes(20))
        elif self.phone.mode == "device":
            banner = b"device::ro.product.name=standin;ro.product.model=Stand-in;features=shell_v2,cmd"
            self.send(A_CNXN, VERSION, MAX_DATA, banner)

    def receive(self) -> tuple[int, int, int, bytes]:
        command, first, second, length, _, _ = struct.unpack("<6I", self.exactly(24))
        data = self.exactly(length)
        self.phone.received += length
        if self.phone.gone_after is not None and self.phone.received > self.phone.gone_after:
            raise GoneError
        return command, first, second, data

    def exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            some = self.link.recv(min(1 << 20, count - len(data)))
            if not some:
                raise GoneError
            data += some
        return data

    def send(self, command: int, first: int, second: int, data: bytes = b"") -> None:
        checksum = sum(data) & 0xFFFFFFFF
        header = struct.pack("<6I", command, first, second, len(data), checksum, command ^ 0xFFFFFFFF)
        with self.writing:
            self.link.sendall(header + data)


class Stream:
    """One service that is open."""

    def __init__(self, connection: Connection, ours: int, theirs: int, service: str) -> None:
        self.connection, self.ours, self.theirs, self.service = connection, ours, theirs, service
        self.incoming: queue.Queue[bytes | None] = queue.Queue()
        self.ready = threading.Event()
        self.waiting = b""

    def run(self) -> None:
        with contextlib.suppress(GoneError, OSError):
            self.connection.send(A_OKAY, self.ours, self.theirs)
            name, _, argument = self.service.partition(":")
            if name.startswith("shell"):
                shell(self, argument)
            elif name == "sync":
                sync(self)
            self.connection.send(A_CLSE, self.ours, self.theirs)

    def write(self, data: bytes) -> None:
        for at in range(0, len(data), MAX_DATA):
            self.ready.clear()
            self.connection.send(A_WRTE, self.ours, self.theirs, data[at : at + MAX_DATA])
            if not self.ready.wait(60):
                raise GoneError

    def read(self, count: int) -> bytes:
        while len(self.waiting) < count:
            some = self.incoming.get()
            if some is None:
                raise GoneError
            self.waiting += some
        data, self.waiting = self.waiting[:count], self.waiting[count:]
        return data


def shell(stream: Stream, command: str) -> None:
    """A command: its outputs and its exit status as packets (kind, length, bytes)."""
    phone = stream.connection.phone
    phone.commands.append(command)
    loader = phone.root / "bin/ew-loader"
    script(loader, f'exec {phone.emulator} "$@"')
    text = re.sub(r"(\S*ld-linux-aarch64\.so\.1)(?= --library-path)", rf"{loader} \1", phone.translated(command))
    done = subprocess.run(["sh", "-c", text], env=phone.environment(), cwd=phone.root, capture_output=True, check=False)
    status = done.returncode if done.returncode >= 0 else 128 - done.returncode
    for kind, data in ((STDOUT, done.stdout), (STDERR, done.stderr), (EXIT, bytes([status]))):
        if data:
            stream.write(struct.pack("<BI", kind, len(data)) + data)


def sync(stream: Stream) -> None:
    """Files: requests of an id, a length, and a path."""
    while True:
        request, length = struct.unpack("<4sI", stream.read(8))
        if request == b"QUIT":
            return
        path = stream.read(length).decode()
        {b"STAT": stat, b"SEND": send, b"RECV": receive}[request](stream, path)


def stat(stream: Stream, path: str) -> None:
    local = stream.connection.phone.path(path)
    if local.exists():
        found = local.stat()
        stream.write(struct.pack("<4s3I", b"STAT", found.st_mode, found.st_size, int(found.st_mtime)))
    else:
        stream.write(struct.pack("<4s3I", b"STAT", 0, 0, 0))


def send(stream: Stream, path_and_mode: str) -> None:
    phone = stream.connection.phone
    path, _, mode = path_and_mode.rpartition(",")
    phone.pushed.append(path)
    content, problem = b"", None
    for piece in pieces(stream):
        content += piece
        if phone.free_bytes is not None and len(content) > phone.free_bytes:
            problem = b"write failed: No space left on device"
    local = phone.path(path)
    if problem is None and not local.parent.is_dir():
        problem = b"couldn't create file: No such file or directory"
    if problem:
        stream.write(struct.pack("<4sI", b"FAIL", len(problem)) + problem)
        return
    local.write_bytes(content)
    local.chmod(int(mode) & 0o777)
    if phone.free_bytes is not None:
        phone.free_bytes -= len(content)
    stream.write(struct.pack("<4sI", b"OKAY", 0))


def pieces(stream: Stream) -> Iterator[bytes]:
    while True:
        kind, length = struct.unpack("<4sI", stream.read(8))
        if kind == b"DONE":
            return
        yield stream.read(length)


def receive(stream: Stream, path: str) -> None:
    local = stream.connection.phone.path(path)
    if not local.is_file():
        problem = b"No such file or directory"
        stream.write(struct.pack("<4sI", b"FAIL", len(problem)) + problem)
        return
    content = local.read_bytes()
    for at in range(0, len(content), 64 * 1024):
        piece = content[at : at + 64 * 1024]
        stream.write(struct.pack("<4sI", b"DATA", len(piece)) + piece)
    stream.write(struct.pack("<4sI", b"DONE", 0))


@contextlib.contextmanager
def listening(phone: Phone) -> Iterator[str]:
    """The phone in the network: its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept, args=(phone, listener), daemon=True).start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"


def _accept(phone: Phone, listener: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            link, _ = listener.accept()
            threading.Thread(target=Connection(phone, link).serve, daemon=True).start()
