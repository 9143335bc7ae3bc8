"""What training reads."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from edgewright.options._base import Flag, StageOptions
from edgewright.sections.build import Arguments
from edgewright.sections.data import Data
from edgewright.sections.task import Learning
from edgewright.sections.train import Train


class Options(StageOptions):
    """A model's own Python, its data, and how it learns."""

    source: Flag[Path] = Field(description="the model's model.py, which brings build()")
    prepared: Flag[Path | None] = Field(default=None, description="the data as they were loaded, an .npz file")
    out: Flag[Path] = Field(description="the model, an .h5 file")
    stats: Flag[Path] = Field(description="losses and counts, a JSON file")
    data: Data
    build: Arguments = Field(default={}, description="arguments of build()")
    train: Train
    task: Learning = Learning()
