"""picotool: a Raspberry Pi Pico on its own USB port, held at BOOTSEL while it was plugged in.

[flash]
tool = "picotool"
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from edgewright import kinds
from edgewright.programmers import _tool
from edgewright.programmers._base import Image
from edgewright.programmers._base import Options as BaseOptions

PROGRAM = "picotool"
HINT = "Debian 13 has the package picotool; else copy firmware.uf2 onto the drive RPI-RP2 by hand"


class Options(BaseOptions):
    """Keys of [flash]."""

    serial: kinds.Serial | None = Field(default=None, description="of the board, when there are several")


OPTIONS = Options


def identity(options: Options) -> str:
    """Names the board."""
    return options.serial or "the only board"


def flash(image: Image, options: Options, folder: Path) -> bytes:
    """Program the board, start it, and give what was read back."""
    name = _tool.copied(image.uf2, folder)
    board = _tool.flag("--ser", options.serial)
    said = _tool.call(PROGRAM, ["load", name, *board], HINT, folder, options.timeout)
    span = [f"0x{image.origin:08x}", f"0x{image.end:08x}"]
    said += _tool.call(PROGRAM, ["save", "-r", *span, _tool.BACK, *board], HINT, folder, options.timeout)
    said += _tool.call(PROGRAM, ["reboot", *board], HINT, folder, options.timeout)
    return _tool.take_back(PROGRAM, folder, said)[: image.size]  # whole blocks are saved
