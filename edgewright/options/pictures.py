"""Which pictures of a build are drawn."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from edgewright.options._base import Flag, StageOptions
from edgewright.options.page import BuildFacts


class Options(StageOptions):
    """The pictures, SVG files."""

    facts: BuildFacts = Field(description="what is drawn")
    curves: Flag[Path | None] = Field(default=None, description="the trainings by epoch")
    confusions: Flag[Path | None] = Field(default=None, description="the device's answers against the right classes")
