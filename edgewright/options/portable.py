"""What the portable C of a model is made of, and the samples that it answers."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from edgewright.options._base import Flag, StageOptions
from edgewright.sections.board import Instructions
from edgewright.sections.budget import MemoryBudget
from edgewright.sections.compile import Compile, Portable
from edgewright.sections.data import Data
from edgewright.sections.section import Section
from edgewright.sections.task import Task


class Beside(Section):
    """How the C for the core is made: whether its input comes by rows, so does that of the portable C."""

    core: Instructions
    compile: Compile
    budget: MemoryBudget


class Options(StageOptions):
    """A model, how it is compiled, and its data; random numbers without data."""

    model: Flag[Path] = Field(description="a .tflite file")
    name: Flag[str] = Field(description="what the files and functions are named after")
    prepared: Flag[Path | None] = Field(default=None, description="the data as they were loaded, an .npz file")
    out_dir: Flag[Path] = Field(description="the folder to write")
    compile: Portable = Portable()
    beside: Beside | None = Field(default=None, description="the C for the core, where that decides about the input")
    labels: list[str] = Field(default=[], description="names of the classes")
    data: Data | None = None
    task: Task = Task()
