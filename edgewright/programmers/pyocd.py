"""pyocd: CMSIS-DAP, ST-LINK and J-Link probes.

[flash]
tool   = "pyocd"
target = "stm32l4r5zitx"            # as `pyocd list --targets` tells
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from edgewright import kinds
from edgewright.programmers import _tool
from edgewright.programmers._base import Image
from edgewright.programmers._base import Options as BaseOptions

PROGRAM = "pyocd"
HINT = "pip install pyocd"


class Options(BaseOptions):
    """Keys of [flash]."""

    target: kinds.Name = Field(description="the part, as pyocd calls it")
    serial: kinds.Serial | None = Field(default=None, description="of the probe, when there are several")


OPTIONS = Options


def identity(options: Options) -> str:
    """Names the probe."""
    return options.serial or "the only board"


def flash(image: Image, options: Options, folder: Path) -> bytes:
    """Program the board, start it, and give what was read back."""
    name = _tool.copied(image.binary, folder)
    common = ["--no-wait", "--target", options.target, *_tool.flag("--uid", options.serial)]  # else it waits for ever
    write = ["flash", *common, "--base-address", f"0x{image.origin:08x}", "--format", "bin", name]
    _tool.call(PROGRAM, write, HINT, folder, options.timeout)
    read = f"savemem 0x{image.origin:08x} {image.size} {_tool.BACK}"
    said = _tool.call(PROGRAM, ["commander", *common, "-c", read, "-c", "reset"], HINT, folder, options.timeout)
    return _tool.take_back(PROGRAM, folder, said)
