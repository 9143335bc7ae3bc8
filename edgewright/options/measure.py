"""What a measurement reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field

from edgewright.options._base import Flag, StageOptions
from edgewright.sections.board import Measured
from edgewright.sections.compile import Rounding
from edgewright.sections.data import Data
from edgewright.sections.runtime import Runtime
from edgewright.sections.task import Task


class Options(StageOptions):
    """A model, how its device is reached, and the data that it is given; random numbers without data."""

    model: Flag[Path] = Field(description="what is measured, a .tflite file")
    firmware: Flag[Path | None] = Field(default=None, description="image for a microcontroller")
    select: Flag[str | None] = Field(default=None, description="which of the image's models is meant, of several")
    stand_in: Flag[str | None] = Field(default=None, description="the board that stands in for another")
    tool: Flag[list[Path]] = Field(default=[], description="what the measurement depends on besides; not read")
    prepared: Flag[Path | None] = Field(default=None, description="the data as they were loaded, an .npz file")
    out: Flag[Path] = Field(description="the figures, a JSON file")
    also: Flag[list[Path]] = Field(default=[], description="a further model, measured in the same start of the device")
    also_out: Flag[list[Path]] = Field(default=[], description="its figures")
    runtime: Runtime
    compile: Rounding = Rounding()
    board: Measured | None = None
    measure: dict[str, Any] = Field(description="[measure] of a target: the transport and its keys")
    data: Data | None = None
    samples: int = Field(default=16, ge=1, description="inputs of which answers are compared")
    task: Task = Task()
    source: Flag[Path | None] = Field(default=None, description="the model's model.py, for metrics of its own")
