"""What the evaluation of a Keras model reads."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from edgewright.options._base import Flag, StageOptions
from edgewright.sections.data import Data
from edgewright.sections.task import Task


class Options(StageOptions):
    """A model, the data that it is judged on, and the metric."""

    source: Flag[Path | None] = Field(default=None, description="the model's model.py, for own data or own layers")
    prepared: Flag[Path | None] = Field(default=None, description="the data as they were loaded, an .npz file")
    model: Flag[Path] = Field(description="what is judged, an .h5 file")
    split: Flag[Literal["validation", "test"]] = Field(default="validation", description="validation or test")
    out: Flag[Path] = Field(description="the figure, a JSON file")
    answers: Flag[Path | None] = Field(default=None, description="the class given to each example, a .npy file")
    data: Data
    task: Task = Task()
