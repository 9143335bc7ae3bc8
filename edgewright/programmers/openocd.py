"""openocd: any probe that it knows.

[flash]
tool   = "openocd"
config = ["board/st_nucleo_l4.cfg"]
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from edgewright import kinds
from edgewright.errors import UserError
from edgewright.programmers import _tool
from edgewright.programmers._base import Image
from edgewright.programmers._base import Options as BaseOptions

PROGRAM = "openocd"
HINT = "apt-get install openocd"


class Options(BaseOptions):
    """Keys of [flash]."""

    config: list[kinds.ToolPath] = Field(
        min_length=1, description="its configuration files, in order; its own, or paths"
    )
    serial: kinds.Serial | None = Field(default=None, description="of the probe, when there are several")


OPTIONS = Options


def identity(options: Options) -> str:
    """Names the probe."""
    return options.serial or "the only board"


def flash(image: Image, options: Options, folder: Path) -> bytes:
    """Program the board, start it, and give what was read back."""
    name = _tool.copied(image.binary, folder)
    commands = [f"adapter serial {options.serial}"] if options.serial else []
    commands += ["init", "reset halt", f"flash write_image erase {name} 0x{image.origin:08x} bin"]
    commands += [f"dump_image {_tool.BACK} 0x{image.origin:08x} {image.size}", "reset run", "shutdown"]
    words = [word for file in options.config for word in ("-f", _config(file))]
    words += [word for command in commands for word in ("-c", command)]
    return _tool.take_back(PROGRAM, folder, _tool.call(PROGRAM, words, HINT, folder, options.timeout))


def _config(file: str) -> str:
    """A file of the project's by its whole path, as openocd runs elsewhere; else its name for openocd to find."""
    if not Path(file).is_file():
        return file
    path = str(Path(file).resolve())
    if not kinds.TOOL_PATH.takes(path):
        raise UserError("flash.config", "openocd takes no such path", got=path, allowed=kinds.TOOL_PATH.allowed)
    return path
