"""What the question for a model's sources reads."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from edgewright.options._base import Flag, StageOptions


class Options(StageOptions):
    """A model's own Python."""

    source: Flag[Path] = Field(description="the model's model.py")
