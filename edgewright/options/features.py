"""What the stage reads that makes features of a model's sounds."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from edgewright.options._base import Flag, StageOptions
from edgewright.sections.data import Data
from edgewright.sections.preprocess import Chain
from edgewright.sections.task import Task


class Options(StageOptions):
    """Data, and what is done to them before the model sees them."""

    prepared: Flag[Path | None] = Field(default=None, description="the data as they were loaded, an .npz file")
    out: Flag[Path] = Field(description="the features and labels of all parts, an .npz file")
    facts: Flag[Path] = Field(description="what was computed of the training examples, and a raw test example")
    data: Data = Data()
    task: Task = Task()
    preprocess: Chain
