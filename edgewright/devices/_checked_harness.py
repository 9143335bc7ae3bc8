"""The client of the harness for a line that may lose, double or delay bytes: a right answer, or an error.

The harness keeps a CRC-32 of each command as it came, and of its answer. After every exchange the client asks for it by
`check N`, with a number that no check before had. Only when number and CRC are those of what was sent and read does the
answer count; else the line is brought to rest and the command is given again. What the input's buffer holds is checked
in the same way. An answer that belongs to an earlier command, and comes late, has another number.
"""

from __future__ import annotations

import difflib
import random
import re
import time
import zlib
from collections.abc import Sequence

from edgewright.devices.tools.harness_client import BYTES_PER_COMMAND, READY, Harness, SilenceError
from edgewright.errors import DeviceError

TRIES = 5
_QUICK_S = 5.0  # longest answer of a command that runs no inference
_REST_S, _MOST_REST_S = 0.3, 10.0
_SLOW = ("infer", "profile layers", "stack", "image")
_CHANGES_STATE = ("infer", "profile layers", "stack")
_CHECK = re.compile(r"m-check-\[(\d+),([0-9a-f]{8}),([0-9a-f]{8})\]")
_LAYER = re.compile(r"m-layer-\[(\d+),(\w+),(\d+)\]")
_MOST_NUMBER = 999_999_999
_LIKE_READY = 0.75


class GarbledError(DeviceError):
    """What came is not what was sent."""


class CheckedHarness(Harness):
    """A `Harness` whose every answer is checked.

    Args:
        url, where, timeout_s, baud: as of `Harness`; `timeout_s` is for commands that run the model.
        has_state: the model goes on from one inference to the next, so no inference may be asked for twice.
    """

    def __init__(self, url: str, where: str, timeout_s: float, *, baud: int = 115200, has_state: bool = False) -> None:
        super().__init__(url, where, timeout_s, baud=baud)
        self._slow_s = timeout_s
        self._has_state = has_state
        self._number = random.randrange(_MOST_NUMBER // 2)  # noqa: S311, only unlike those of earlier clients

    def synchronize(self) -> None:
        """Bring a device that runs already to the start of a command, whatever was sent to it before."""
        self._rest()
        self.device()

    def command(self, text: str) -> list[str]:
        """The lines of the answer, checked; DeviceError when it is an e-[...] or cannot be had."""
        lines = self._sure(text)
        for line in lines:
            if line.startswith("e-["):
                raise DeviceError(f"{self.where}: refused {text[:24]!r}: {line}{_unknown(line)}")
        return lines

    def load(self, data: bytes) -> None:
        """Give the device an input, and see that its buffer holds it."""
        commands = [f"db {data[at : at + BYTES_PER_COMMAND].hex()}" for at in range(0, len(data), BYTES_PER_COMMAND)]
        for _ in range(TRIES):
            self.command(f"db load {len(data)}")
            try:
                lines = [self.exchange(command) for command in commands][-1]
                if "m-load-done" in lines and self._ask()[1] == zlib.crc32(data):
                    return
            except (SilenceError, GarbledError):
                pass
            self._rest()
        raise DeviceError(f"{self.where}: an input of {len(data)} bytes did not arrive whole in {TRIES} tries{_ADVICE}")

    def image(self) -> tuple[int, int]:
        """Bytes and CRC-32 of the firmware that runs there."""
        size, crc = self.value("image", r"m-image-\[(\d+,[0-9a-f]{8})\]").split(",")
        return int(size), int(crc, 16)

    def layers(self) -> tuple[str, list[tuple[str, int]]]:
        """The unit of the layers' cost, and operator and cost of each, of one run."""
        lines = self.command("profile layers")
        unit = next((line[len("m-profile-unit-[") : -1] for line in lines if line.startswith("m-profile-unit-[")), "")
        found = [match for line in lines if (match := _LAYER.fullmatch(line))]
        if not unit or [int(match[1]) for match in found] != list(range(len(found))):
            raise DeviceError(f"{self.where}: no sensible answer to 'profile layers': {' | '.join(lines[:4])}")
        return unit, [(match[2], int(match[3])) for match in found]

    def _ends(self, line: str) -> bool:
        """Something like m-ready as well: it saves the wait for what will not come, and what came is checked anyway."""
        return line == READY or difflib.SequenceMatcher(None, line, READY).ratio() > _LIKE_READY

    def _sure(self, text: str) -> list[str]:
        """The lines of an answer that is certainly the one to this command."""
        problem: DeviceError | None = None
        for _ in range(1 if self._has_state and text.startswith(_CHANGES_STATE) else TRIES):
            self.timeout_s = self._slow_s if text.startswith(_SLOW) else min(_QUICK_S, self._slow_s)
            try:
                lines = self.exchange(text)
                crc, _ = self._ask()
                if crc == zlib.crc32("".join([text, *(f"{line}\r\n" for line in lines)]).encode("latin-1")):
                    return lines
                problem = GarbledError(f"{self.where}: the answer to {text[:24]!r} is garbled{_shown(lines)}")
            except (SilenceError, GarbledError) as error:
                problem = error
            self._rest()
        raise DeviceError(f"{problem}{_ADVICE}")

    def _ask(self) -> tuple[int, int]:
        """CRC of the exchange before and of the input's buffer; GarbledError when the answer is none."""
        self._number = (self._number + 1) % _MOST_NUMBER
        self.timeout_s = min(_QUICK_S, self._slow_s)
        lines = self.exchange(f"check {self._number}")
        match = _CHECK.fullmatch(lines[0]) if len(lines) == 1 else None
        if lines and lines[0].startswith("e-[Unknown command: check]"):
            raise DeviceError(f"{self.where}: refused 'check': {lines[0]}{_unknown(lines[0])}")
        if match is None or int(match[1]) != self._number:
            raise GarbledError(f"{self.where}: its checksum is garbled{_shown(lines)}")
        return int(match[2], 16), int(match[3], 16)

    def _rest(self) -> None:
        """End what may stand half-sent in the device, and read until nothing comes any more."""
        self._send("")
        deadline = time.monotonic() + _MOST_REST_S
        while self._drained(min(_REST_S, self._slow_s)):
            if time.monotonic() > deadline:
                raise DeviceError(f"{self.where}: talks without end{_ADVICE}")


_ADVICE = "\n  hint: bytes come wrong or not at all: look at cable, ground and `baud`, which must be the firmware's"


def _unknown(line: str) -> str:
    return "\n  hint: its firmware is older than this Edgewright: flash it again" if "Unknown command" in line else ""


def _shown(lines: Sequence[str]) -> str:
    return f": {' | '.join(line[:80] for line in lines[:4])}" if lines else ""
