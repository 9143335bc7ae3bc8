"""What the loading of a model's own data reads."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from edgewright.options._base import Flag, StageOptions
from edgewright.sections.data import Data
from edgewright.sections.task import Task


class Options(StageOptions):
    """Data that are loaded once, for all stages that need them."""

    source: Flag[Path | None] = Field(default=None, description="the model's model.py, which brings load()")
    folder: Flag[Path | None] = Field(default=None, description="the model's folder, for data that are declared")
    out: Flag[Path] = Field(description="the examples and labels of all parts, an .npz file")
    facts: Flag[Path] = Field(description="names of the classes, counts, and what looks odd, a JSON file")
    data: Data = Data()
    task: Task = Task()
