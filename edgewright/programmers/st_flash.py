"""st-flash, of stlink-tools: the ST-LINK of Nucleo and Discovery boards.

[flash]
tool = "st-flash"
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from edgewright import kinds
from edgewright.programmers import _tool
from edgewright.programmers._base import Image
from edgewright.programmers._base import Options as BaseOptions

PROGRAM = "st-flash"
HINT = "apt-get install stlink-tools"


class Options(BaseOptions):
    """Keys of [flash]."""

    serial: kinds.Serial | None = Field(default=None, description="of the probe, when there are several")


OPTIONS = Options


def identity(options: Options) -> str:
    """Names the probe."""
    return options.serial or "the only board"


def flash(image: Image, options: Options, folder: Path) -> bytes:
    """Program the board, start it, and give what was read back."""
    name, start = _tool.copied(image.binary, folder), f"0x{image.origin:08x}"
    probe = _tool.flag("--serial", options.serial)
    said = ""
    for words in (["write", name, start], ["read", _tool.BACK, start, f"0x{image.size:x}"], ["reset"]):
        said += _tool.call(PROGRAM, [*probe, *words], HINT, folder, options.timeout)
    return _tool.take_back(PROGRAM, folder, said)
