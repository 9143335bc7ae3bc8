"""What the cost of sending a model depends on."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from edgewright.options._base import Flag, StageOptions
from edgewright.sections.transmit import Versions


class Options(StageOptions):
    """A model, and the one that devices have."""

    model: Flag[Path] = Field(description="a .tflite file")
    previous: Flag[Path | None] = Field(default=None, description="the version that devices have")
    update: Flag[Path | None] = Field(default=None, description="where the update from it goes")
    out: Flag[Path] = Field(description="the figures, a JSON file")
    name: str | None = Field(default=None, description="name that devices know the model by; None: that of the file")
    transmit: Versions = Versions()
