"""What a line of the project's history is made of."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from edgewright.options._base import Flag, StageOptions


class Options(StageOptions):
    """A report, and where its figures are kept."""

    report: Flag[Path] = Field(description="report.json")
    log: Flag[Path] = Field(description="the history of all builds, which a line is added to")
    out: Flag[Path] = Field(description="the lines of this target and model, a JSON file")
    command: str = Field(description="what makes the build again")
    stages: list[str] = Field(default=[], description="keys of the build's stages in what they took")
