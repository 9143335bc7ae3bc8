"""What the C array of a model is made of."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from edgewright.options._base import Flag, StageOptions


class Options(StageOptions):
    """A model, and what people call it."""

    model: Flag[Path] = Field(description="a .tflite file")
    header: Flag[Path] = Field(description="the header to write")
    source: Flag[Path] = Field(description="the source to write")
    templates: Flag[list[Path]] = Field(default=[], description="folder that is searched before templates/")
    name: str | None = Field(default=None, description="what symbols are named after; None: the file")
    labels: list[str] = Field(default=[], description="names of the classes")
    command: str | None = Field(default=None, description="what makes the files, for their banner; None: this stage")
