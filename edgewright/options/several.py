"""What the figures of models in one firmware are made of."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from edgewright.options._base import Flag, StageOptions
from edgewright.sections.budget import MemoryBudget
from edgewright.sections.section import Section


class Facts(Section):
    """What was built, and its limits: those that each model alone is not held to."""

    target: str
    model: str = Field(description="name of the whole")
    board: str
    budget: MemoryBudget = MemoryBudget()


class Options(StageOptions):
    """The JSON files of other stages, by the names of the models."""

    facts: Facts
    reports: dict[str, str] = Field(description="the report of each model alone")
    firmware: str = Field(description="facts of the common firmware")
    latencies: dict[str, str] = Field(default={}, description="measurements in the common firmware")
    out: Flag[Path] = Field(description="the figures, a JSON file")
    text: Flag[Path] = Field(description="their table for a terminal")
