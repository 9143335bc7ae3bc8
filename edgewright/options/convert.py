"""What the conversion of a model reads."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from edgewright.options._base import Flag, StageOptions


class Options(StageOptions):
    """A model of another framework, whose converter works in processes of its own."""

    model: Flag[str] = Field(description="a file that somebody brings")
    importer: Flag[str | None] = Field(default=None, description="what takes it; left out: found by its name")
    out: Flag[Path] = Field(description="the model as a float .tflite, which is not proven yet")
    facts: Flag[Path] = Field(description="what its proof needs besides, a JSON file")
