"""What taking in a .tflite file reads."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from edgewright.options._base import Flag, StageOptions
from edgewright.sections.runtime import Runtime


class Options(StageOptions):
    """A file that somebody brings."""

    model: Flag[Path] = Field(description="the file")
    importer: Flag[str | None] = Field(default=None, description="what takes it; left out: found by its name")
    out: Flag[Path] = Field(description="its copy")
    stats: Flag[Path] = Field(description="what is in it, a JSON file")
    runtime: Flag[Runtime] = Field(default="aot", description="the target's, which must answer right to the model")
