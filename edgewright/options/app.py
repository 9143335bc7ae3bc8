"""What the model of an app is made of."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from edgewright.options._base import Flag, StageOptions


class Options(StageOptions):
    """A model, and what it means."""

    model: Flag[Path] = Field(description="a .tflite file")
    out: Flag[Path] = Field(description="the same with metadata; README.md goes beside it")
    name: str | None = Field(default=None, description="what people call it; None: the name of the file")
    description: str = Field(default="", description="what it does, a line")
    labels: list[str] = Field(default=[], description="names of the classes")
    image: bool = Field(default=False, description="its first input is a picture with values of 0 to 1")
