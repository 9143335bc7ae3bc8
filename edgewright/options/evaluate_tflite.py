"""What the evaluation of a .tflite model reads."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from edgewright.options._base import Flag, StageOptions
from edgewright.sections.board import StandIn
from edgewright.sections.compile import Rounding
from edgewright.sections.data import Data
from edgewright.sections.runtime import Runtime
from edgewright.sections.task import Task


class Options(StageOptions):
    """A model, what runs it, and the data that it is judged on."""

    model: Flag[Path] = Field(description="what is judged, a .tflite file")
    prepared: Flag[Path | None] = Field(default=None, description="the data as they were loaded, an .npz file")
    out: Flag[Path] = Field(description="the figure, a JSON file")
    answers: Flag[Path | None] = Field(default=None, description="the answers counted: confusions, scores, examples")
    float_answers: Flag[Path | None] = Field(default=None, description="the class that the float model gives, .npy")
    runtime: Runtime
    compile: Rounding = Rounding()
    board: StandIn | None = Field(default=None, description="what runs the model where this machine has no runtime")
    data: Data
    task: Task = Task()
    source: Flag[Path | None] = Field(default=None, description="the model's model.py, for metrics of its own")
