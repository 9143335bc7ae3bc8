"""What the portable C of a model is made of, and the samples that it answers."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from edgewright.options._base import Flag, StageOptions
from edgewright.sections.compile import Portable
from edgewright.sections.data import Data
from edgewright.sections.task import Task


class Options(StageOptions):
    """A model, how it is compiled, and its data; random numbers without data."""

    model: Flag[Path] = Field(description="a .tflite file")
    name: Flag[str] = Field(description="what the files and functions are named after")
    prepared: Flag[Path | None] = Field(default=None, description="the data as they were loaded, an .npz file")
    out_dir: Flag[Path] = Field(description="the folder to write")
    compile: Portable = Portable()
    labels: list[str] = Field(default=[], description="names of the classes")
    data: Data | None = None
    task: Task = Task()
