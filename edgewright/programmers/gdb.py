"""GDB's `load` into a gdbserver: OpenOCD, J-Link, st-util, Black Magic Probe, QEMU.

[flash]
tool   = "gdb"
server = "localhost:3333"
before = ["reset halt"]             # monitor commands of that server
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import Field

from edgewright import kinds
from edgewright.devices.tools import elf_file
from edgewright.devices.tools.run import need
from edgewright.errors import DeviceError
from edgewright.programmers import _tool
from edgewright.programmers._base import Image
from edgewright.programmers._base import Options as BaseOptions

PROGRAM = "gdb-multiarch"
HINT = "apt-get install gdb-multiarch"
_HEX, _ROW_BYTES = "image.hex", 32


class Options(BaseOptions):
    """Keys of [flash]."""

    server: kinds.Server = Field(default="localhost:3333", description="host:port, or a serial port")
    before: list[kinds.Line] = Field(default=[], description='monitor commands before, for instance ["reset halt"]')
    after: list[kinds.Line] = Field(default=[], description='monitor commands after, for instance ["reset run"]')


OPTIONS = Options


def identity(options: Options) -> str:
    """Names the probe."""
    return options.server


def flash(image: Image, options: Options, folder: Path) -> bytes:
    """Load the image, start it from its vector table, and give what was read back."""
    need(PROGRAM, HINT)
    (folder / _HEX).write_text("".join(f"{row}\n" for row in intel_hex(image.binary.read_bytes(), image.origin)))
    commands = [f"file {_tool.copied(image.elf, folder)}", f"target extended-remote {options.server}"]
    commands += [f"monitor {command}" for command in options.before]
    commands += [f"load {_HEX}", f"dump binary memory {_tool.BACK} 0x{image.origin:x} 0x{image.end:x}"]
    commands += [*_start(image), *(f"monitor {command}" for command in options.after), "detach"]
    words = ["-nx", "-batch", "-iex", "set confirm off", *(word for command in commands for word in ("-ex", command))]
    return _tool.take_back(PROGRAM, folder, _tool.call(PROGRAM, words, HINT, folder, options.timeout))


def _start(image: Image) -> list[str]:
    """What a reset does: the stack pointer and the first instruction out of the vector table."""
    table = next((symbol.address for symbol in elf_file.symbols(image.elf) if symbol.name == "ew_vectors"), None)
    if table is None:
        raise DeviceError(f"{image.elf}: has no vector table ew_vectors")
    return [f"set $sp = *(unsigned *){table:#x}", f"set $pc = *(unsigned *){table + 4:#x} & ~1"]


def intel_hex(data: bytes, origin: int) -> Iterator[str]:
    """The rows of an Intel HEX file: without the gaps between the sections of an ELF file, all of it is written."""
    for at in range(0, len(data), _ROW_BYTES):
        address = origin + at
        if at == 0 or address & 0xFFFF < _ROW_BYTES:
            yield _row(4, 0, (address >> 16).to_bytes(2, "big"))
        row = data[at : at + _ROW_BYTES]
        room = 0x10000 - (address & 0xFFFF)
        yield _row(0, address & 0xFFFF, row[:room])
        if len(row) > room:
            yield _row(4, 0, (address + room >> 16).to_bytes(2, "big"))
            yield _row(0, 0, row[room:])
    yield ":00000001FF"


def _row(kind: int, address: int, data: bytes) -> str:
    body = bytes([len(data), address >> 8, address & 0xFF, kind]) + data
    return f":{body.hex().upper()}{-sum(body) & 0xFF:02X}"
