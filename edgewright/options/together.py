"""What the common C library of several models is made of."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from edgewright.options._base import Flag, StageOptions
from edgewright.sections.board import Instructions
from edgewright.sections.compile import Compile
from edgewright.sections.section import Section


class Member(Section):
    """One of the models."""

    name: str = Field(description="what its functions are named after")
    model: str = Field(description="a .tflite file")
    labels: list[str] = Field(default=[], description="names of the classes")


class Options(StageOptions):
    """Models, the core that they are compiled for (None: the machine that builds), and how."""

    name: Flag[str] = Field(description="what the common files are named after")
    out_dir: Flag[Path] = Field(description="the folder to write")
    models: list[Member] = Field(min_length=2, description="the models, in the order of their turns")
    core: Instructions | None = None
    compile: Compile = Compile()
