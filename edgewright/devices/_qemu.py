"""A microcontroller board in QEMU's full-system emulation, with its UART as a TCP port.

Always with `-icount shift=0`: an instruction takes one nanosecond of the board's time, so that every run is the same.
"""

from __future__ import annotations

import os
import re
import select
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from edgewright.arch import Architecture
from edgewright.devices.tools.run import ending, need, quoted, run_tool
from edgewright.errors import DeviceError, ToolError

_START_S = 30.0
_MONITOR_S = 5.0
_LISTENING = re.compile(rb"waiting for connection on: \S*:(\d+),server=on\S*\s*$")


@dataclass(frozen=True)
class Machine:
    """What QEMU is to emulate: the architecture, values of its -M and -cpu, and a name for messages."""

    architecture: Architecture
    machine: str
    cpu: str
    where: str


@dataclass(frozen=True)
class Emulation:
    """A QEMU that runs, or did."""

    process: subprocess.Popen[bytes]
    url: str
    architecture: Architecture

    def start(self) -> None:
        """Let the processor run; it waits until then, so that nothing of what it says is lost."""
        self._monitor(b"cont\n")

    def fate(self) -> str:
        """What QEMU said when it ended by itself; empty while it runs."""
        try:
            _, said = self.process.communicate(timeout=1.0)
        except subprocess.TimeoutExpired:
            return ""
        text = said.decode(errors="replace")
        words = ("fatal", *self.architecture.fatal)
        fatal = [line for line in text.splitlines() if any(word in line for word in words)]
        return f"QEMU {ending(self.process.returncode)}{quoted(chr(10).join(fatal) or text)}"

    def program_counter(self) -> int | None:
        """Where the processor is, by QEMU's monitor; None when it does not say."""
        stdout = self.process.stdout
        if stdout is None or not self._monitor(b"info registers\n"):
            return None
        found = _wait_for(stdout, self.architecture.program_counter, _MONITOR_S)[0]
        return int(found[1], 16) if found else None

    def _monitor(self, command: bytes) -> bool:
        """Give a command to QEMU's monitor; false when QEMU is gone."""
        stdin = self.process.stdin
        if stdin is None or self.process.poll() is not None:
            return False
        stdin.write(command)
        return True


def version(architecture: Architecture) -> str:
    """Version of the installed QEMU; ToolError when there is none."""
    program = need(architecture.qemu, architecture.qemu_hint)
    said = run_tool("asking QEMU for its version", [program, "--version"], 30.0)
    found = re.search(r"version (\d+(?:\.\d+)*)", said)
    if not found:
        raise ToolError(f"{architecture.qemu} --version says no version: {said[:80]!r}")
    return found[1]


@contextmanager
def emulated(machine: Machine, elf: Path, folder: Path, plugin: str | None = None) -> Iterator[Emulation]:
    """Have a firmware ready at its reset, and its UART to be connected to; `Emulation.start` lets it run.

    Args:
        machine: the board.
        elf: the firmware.
        folder: where QEMU runs; paths in `plugin` are relative to it.
        plugin: value of QEMU's -plugin.

    Raises:
        ToolError: QEMU is not installed.
        DeviceError: QEMU does not start; what it said is in the message.
    """
    command = _command(machine, elf.resolve(), plugin)
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=folder, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0) as process:
        try:
            yield Emulation(process, f"socket://127.0.0.1:{_port(process, machine)}", machine.architecture)
        finally:
            process.kill()


def _command(machine: Machine, elf: Path, plugin: str | None) -> list[str]:
    program = need(machine.architecture.qemu, machine.architecture.qemu_hint)
    serial = "tcp:127.0.0.1:0,server=on,wait=on,nodelay=on"
    command = [program, "-M", machine.machine, "-cpu", machine.cpu, *machine.architecture.qemu_flags]
    command += [
        "-display",
        "none",
        "-nodefaults",
        "-icount",
        "shift=0",
        "-S",
        "-monitor",
        "stdio",
        "-serial",
        serial,
        "-kernel",
        str(elf),
    ]
    return command + (["-plugin", plugin] if plugin else [])


def _port(process: subprocess.Popen[bytes], machine: Machine) -> int:
    """The port that QEMU chose, which it says when it listens."""
    if process.stderr is None:
        raise ToolError("QEMU was started without pipes")
    found, said = _wait_for(process.stderr, _LISTENING, _START_S)
    if not found:
        raise DeviceError(f"{machine.where}: QEMU did not start{quoted(said.decode(errors='replace'))}")
    return int(found[1])


def _wait_for(stream: IO[bytes], pattern: re.Pattern[bytes], timeout_s: float) -> tuple[re.Match[bytes] | None, bytes]:
    """The first match in what comes from a pipe until it ends or time is up, and all that came."""
    deadline = time.monotonic() + timeout_s
    said = b""
    found = None
    while not found and select.select([stream], [], [], max(0.0, deadline - time.monotonic()))[0]:
        some = os.read(stream.fileno(), 4096)
        if not some:
            break
        said += some
        found = pattern.search(said)
    return found, said
