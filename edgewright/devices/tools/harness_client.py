"""Client of the harness on a microcontroller: the MLPerf Tiny text protocol, over any pyserial URL.

Protocol and commands stand in firmware/harness/ew_harness.h. Everything that goes wrong is a DeviceError that says what
the device was asked, and what came back.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

from edgewright.errors import DeviceError

if TYPE_CHECKING:
    import serial

READY = "m-ready"
BYTES_PER_COMMAND = 31
MAX_ANSWER_BYTES = 1 << 20
_DTR_S = 0.1
_FAULT = re.compile(r"e-\[Fault .*\]")


H = TypeVar("H", bound="Harness")


class SilenceError(DeviceError):
    """The device did not answer in time."""


class Harness:
    """A device that speaks the protocol.

    Args:
        url: what pyserial opens: "/dev/ttyACM0", "socket://127.0.0.1:5555".
        where: what the device is called in messages.
        timeout_s: longest time to wait for the answer to one command.
        window: how many commands of a load may be on their way at once; more than 1 needs flow control.
    """

    def __init__(self, url: str, where: str, timeout_s: float, *, baud: int = 115200, window: int = 1) -> None:
        self.where = where
        self.timeout_s = timeout_s
        self.window = window
        self._port = _open(url, baud, where)

    def __enter__(self: H) -> H:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        connection = getattr(self._port, "_socket", None)
        self._port.close()
        if connection is not None:
            connection.close()  # which pyserial leaves out when the other side went first

    def wait_for_boot(self) -> None:
        """Read what a device says after reset."""
        lines = self._answer("start")
        if "m-init-done" not in lines:
            raise DeviceError(f"{self.where}: did not start as a harness: {_shown(lines)}")

    def reset_by_dtr(self) -> None:
        """Have a board reset by pulling its DTR line, and read what it says then.

        Raises:
            DeviceError: the port has no such line, or the board does not start.
        """
        try:
            self._port.dtr = False
            time.sleep(_DTR_S)
            self._port.reset_input_buffer()
            self._port.dtr = True
        except OSError as error:
            hint = 'reset = "none" in [measure]'
            raise DeviceError(f"{self.where}: the port has no DTR line: {error}\n  hint: {hint}") from error
        self.wait_for_boot()

    def synchronize(self) -> None:
        """Bring a device that runs already to the start of a command, whatever was sent to it before."""
        self._send("")  # ends what may stand half-sent in the device
        quiet_s = min(0.3, self.timeout_s)
        while self._drained(quiet_s):
            pass
        self.device()

    def _drained(self, quiet_s: float) -> bytes:
        self._port.timeout = quiet_s
        return self._read("")

    def command(self, text: str) -> list[str]:
        """The lines of the answer to one command, without the closing m-ready; DeviceError when it is an e-[...]."""
        self._send(text)
        return self._checked(text)

    def exchange(self, text: str) -> list[str]:
        """The same, whatever the answer says."""
        self._send(text)
        return self._answer(text)

    def value(self, text: str, pattern: str) -> str:
        """The first group of `pattern` in the answer to a command; DeviceError when no line has it."""
        lines = self.command(text)
        for line in lines:
            match = re.fullmatch(pattern, line)
            if match:
                return match[1]
        raise DeviceError(f"{self.where}: no sensible answer to {text!r}: {_shown(lines)}")

    def load(self, data: bytes) -> None:
        """Give the device an input."""
        self.command(f"db load {len(data)}")
        pieces = [data[at : at + BYTES_PER_COMMAND] for at in range(0, len(data), BYTES_PER_COMMAND)]
        commands = [f"db {piece.hex()}" for piece in pieces]
        lines: list[str] = []
        for at in range(0, len(commands), self.window):
            some = commands[at : at + self.window]
            self._send("%".join(some))
            for command in some:
                lines = self._checked(command)
        if "m-load-done" not in lines:
            raise DeviceError(f"{self.where}: did not take an input of {len(data)} bytes: {_shown(lines)}")

    def infer(self, count: int, warmup: int) -> int:
        """Run the model; the device's own time for all `count` inferences in microseconds."""
        text = f"infer {count} {warmup}"
        lines = self.command(text)
        laps = [int(line[len("m-lap-us-") :]) for line in lines if re.fullmatch(r"m-lap-us-\d+", line)]
        if len(laps) != 2 or "m-infer-done" not in lines:
            raise DeviceError(f"{self.where}: no sensible answer to {text!r}: {_shown(lines)}")
        return laps[1] - laps[0]

    def output(self) -> bytes:
        """The output of the last inference as raw bytes."""
        return bytes.fromhex(self.value("output", r"m-output-\[((?:[0-9a-f]{2})*)\]"))

    def select(self, model: str) -> None:
        """Have a device with several models mean this one from now on."""
        name = self.value(f"select {model}", r"m-model-\[([^]]*)\]")
        if name != model:
            raise DeviceError(f"{self.where}: turned to model {name}, not to {model}")

    def stack_bytes(self) -> int:
        """Deepest use of the stack by one inference."""
        return int(self.value("stack", r"m-stack-bytes-(\d+)"))

    def device(self) -> str:
        """What the device calls itself: the target of its build."""
        return self.value("name", r"m-name-dut-\[(.*)\]")

    def model(self) -> str:
        """Name of the model on the device."""
        return self.value("profile", r"m-model-\[([^]]*)\]")

    def _send(self, text: str) -> None:
        self._port.write(f"{text}%".encode())

    def _checked(self, text: str) -> list[str]:
        lines = self._answer(text)
        for line in lines:
            if line.startswith("e-["):
                raise DeviceError(f"{self.where}: refused {_short(text)!r}: {line}")
        return lines

    def _answer(self, text: str) -> list[str]:
        """Lines up to m-ready."""
        deadline = time.monotonic() + self.timeout_s
        lines: list[str] = []
        received = 0
        while True:
            line = self._line(text, deadline, lines)
            received += len(line)
            if self._ends(line):
                return lines
            if _FAULT.fullmatch(line):
                raise DeviceError(f"{self.where}: crashed at {_short(text)!r}: {line}")
            if received > MAX_ANSWER_BYTES:
                raise DeviceError(f"{self.where}: talks without end after {_short(text)!r}: {_shown(lines)}")
            lines.append(line)

    def _ends(self, line: str) -> bool:
        """Whether a line is the last one of an answer."""
        return line == READY

    def _line(self, text: str, deadline: float, before: Sequence[str]) -> str:
        raw = bytearray()
        while not raw.endswith(b"\n"):
            self._port.timeout = max(0.0, deadline - time.monotonic())
            byte = self._read(text)
            if not byte:
                got = [*before, *([raw.decode("latin-1")] if raw else [])]
                raise SilenceError(
                    f"{self.where}: no end of the answer to {_short(text)!r} in {self.timeout_s:g} s{_got(got)}"
                )
            raw += byte
        return raw.decode("latin-1").strip()

    def _read(self, text: str) -> bytes:
        import serial

        try:
            return bytes(self._port.read(1))
        except serial.SerialException as error:
            raise DeviceError(f"{self.where}: gone at {_short(text)!r}: {error}") from error


def _open(url: str, baud: int, where: str) -> serial.SerialBase:
    import serial

    try:
        return serial.serial_for_url(url, baudrate=baud, timeout=1.0)
    except (serial.SerialException, ValueError) as error:
        raise DeviceError(f"{where}: {error}") from error


def _short(text: str) -> str:
    return text if len(text) <= 24 else text[:24] + ".."


def _shown(lines: Sequence[str]) -> str:
    return " | ".join(line[:80] for line in lines[-4:]) or "nothing"


def _got(lines: Sequence[str]) -> str:
    return f", got {_shown(lines)}" if lines else ""
