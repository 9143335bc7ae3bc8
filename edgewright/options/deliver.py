"""What handing a model to a target reads."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from edgewright.options._base import Flag, StageOptions


class Options(StageOptions):
    """A model that targets share, and its facts."""

    model: Flag[Path] = Field(description="what is copied, a .tflite file")
    out: Flag[Path] = Field(description="the copy")
    facts: Flag[Path] = Field(description="what is in it, a JSON file")
    out_facts: Flag[Path] = Field(description="the copy of that")
