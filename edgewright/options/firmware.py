"""What firmware is built from."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from edgewright import kinds
from edgewright.options._base import Flag, StageOptions
from edgewright.sections.board import Ported
from edgewright.sections.compile import Optimize
from edgewright.sections.firmware import Firmware


class Options(StageOptions):
    """Generated C, the board, and how its code is built."""

    model_dir: Flag[Path] = Field(description="folder of the generated C")
    out_dir: Flag[Path] = Field(description="where firmware.* goes")
    templates: Flag[list[Path]] = Field(default=[], description="folder that is searched before templates/")
    ports: Flag[list[Path]] = Field(default=[], description="folder of ports that is searched before firmware/ports/")
    target: kinds.Name | None = Field(default=None, description="what the harness calls the device; None: the board")
    board_name: kinds.Name = Field(description="name of the board's file")
    board: Ported
    compile: Optimize = Optimize()
    firmware: Firmware = Firmware()
