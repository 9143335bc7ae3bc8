"""What the C library of a model is made of."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from edgewright.options._base import Flag, StageOptions
from edgewright.sections.board import Instructions
from edgewright.sections.budget import MemoryBudget
from edgewright.sections.compile import Compile


class Options(StageOptions):
    """A model, the core that it is compiled for (None: the machine that builds), and how."""

    model: Flag[Path] = Field(description="a .tflite file")
    name: Flag[str] = Field(description="what the files and functions are named after")
    out_dir: Flag[Path] = Field(description="the folder to write")
    core: Instructions | None = None
    compile: Compile = Compile()
    budget: MemoryBudget = Field(default=MemoryBudget(), description="what may be used, where that decides something")
    labels: list[str] = Field(default=[], description="names of the classes")
