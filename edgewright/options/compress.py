"""What a compression pass reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field

from edgewright.options._base import Flag, StageOptions
from edgewright.sections.data import Data
from edgewright.sections.task import Task
from edgewright.sections.train import Train


class Options(StageOptions):
    """A model, its data, how it learned, and the pass."""

    source: Flag[Path | None] = Field(default=None, description="the model's model.py, for own data or own layers")
    prepared: Flag[Path | None] = Field(default=None, description="the data as they were loaded, an .npz file")
    pass_: Flag[str] = Field(description="name of the pass")
    model: Flag[Path] = Field(description="what is compressed, an .h5 file")
    reference: Flag[Path | None] = Field(default=None, description="the model before the first pass, an .h5 file")
    out: Flag[Path] = Field(description="the compressed model, an .h5 file")
    stats: Flag[Path] = Field(description="sparsity and counts, a JSON file")
    compress: dict[str, Any] = Field(description="an entry [[compress]] of a target, without the name of the pass")
    data: Data
    train: Train
    task: Task = Task()
