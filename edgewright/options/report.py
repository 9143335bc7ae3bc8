"""What a report is made of."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from edgewright.options._base import Flag, StageOptions
from edgewright.sections.budget import Budget
from edgewright.sections.section import Section


class Facts(Section):
    """What was built, and its limits."""

    target: str
    model: str
    board: str
    runtime: str
    budget: Budget = Budget()


class StepFiles(Section):
    """The JSON files of one compression step."""

    name: str
    stats: str
    evaluation: str
    float_tflite: str | None = None
    latency: str | None = None


class Options(StageOptions):
    """The JSON files of the other stages, by their names in a report."""

    facts: Facts
    parts: dict[str, str] = Field(description="JSON files of the stages, by their names in report.Parts")
    steps: list[StepFiles] = Field(default=[], description="the same of each compression step")
    artifacts: list[str] = Field(default=[], description="files whose hashes the report carries")
    out: Flag[Path] = Field(description="the report, a JSON file")
    text: Flag[Path] = Field(description="its table for a terminal")
