"""What the program that draws charts is written to."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from edgewright.options._base import Flag, StageOptions


class Options(StageOptions):
    """One file."""

    out: Flag[Path] = Field(description="the program, a JavaScript file")
