"""What the page of all builds is made of."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from edgewright.options._base import Flag, StageOptions
from edgewright.sections.section import Section


class BuildFiles(Section):
    """The files of one build."""

    report: str
    history: str
    page: str


class Options(StageOptions):
    """All builds that there are."""

    builds: list[BuildFiles] = Field(description="their files")
    searches: list[str] = Field(default=[], description="what searches found so far")
    library: Flag[Path] = Field(description="the program that draws charts")
    out: Flag[Path] = Field(description="the page, an HTML file")
