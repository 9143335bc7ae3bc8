"""What an emulated device's file system is made of."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from edgewright import kinds
from edgewright.options._base import Flag, StageOptions
from edgewright.sections.runtime import Runtime


class Options(StageOptions):
    """Which processor, and which runtime."""

    arch: Flag[kinds.Name] = Field(description="Debian's name of the architecture")
    runtime: Flag[Runtime] = Field(description="what is installed there")
    out: Flag[Path] = Field(description="what is in it, a JSON file")
