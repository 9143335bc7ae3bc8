"""What the page of a build is made of."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from edgewright.options._base import Flag, StageOptions
from edgewright.sections.section import Section


class StepFiles(Section):
    """The JSON files of one compression step that a page shows."""

    name: str
    stats: str
    float_tflite: str


class BuildFacts(Section):
    """What is known of a build: the JSON files of the other stages, by their names in a page."""

    command: str = Field(description="what makes the build again")
    labels: list[str] = Field(default=[], description="names of the classes")
    parts: dict[str, str] = Field(description="JSON files of the stages, by their names in report.page.Build")
    steps: list[StepFiles] = Field(default=[], description="the same of each compression step")


class Options(StageOptions):
    """The page, and what draws in it."""

    facts: BuildFacts = Field(description="what is shown")
    library: Flag[Path] = Field(description="the program that draws charts")
    out: Flag[Path] = Field(description="the page, an HTML file")
