"""What programming a board reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field

from edgewright.options._base import Flag, StageOptions


class Options(StageOptions):
    """An image, where it goes, and the tool that puts it there."""

    firmware: Flag[Path] = Field(description="the image: firmware.elf, with firmware.json beside it")
    out: Flag[Path] = Field(description="what was done, a JSON file")
    origin: int = Field(ge=0, description="address of the image's first byte")
    flash: dict[str, Any] = Field(description="[flash] of a target laid over that of its board: the tool and its keys")
