"""What the import of a model reads."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from edgewright.options._base import Flag, StageOptions
from edgewright.sections.data import Data


class Options(StageOptions):
    """A model of another format, and what it becomes."""

    model: Flag[str] = Field(description="a file, a folder with / at its end, or module:function")
    importer: Flag[str | None] = Field(default=None, description="what takes it; left out: found by its name")
    source: Flag[Path | None] = Field(default=None, description="the project's model.py, for own data or own layers")
    prepared: Flag[Path | None] = Field(default=None, description="the data as they were loaded, an .npz file")
    calibration: Flag[Path | None] = Field(
        default=None, description="inputs to prove it on, a .npy or .npz file, in the place of data"
    )
    converted: Flag[Path | None] = Field(
        default=None, description="a float .tflite of the stage `convert`, where the model's importer has a converter"
    )
    converted_facts: Flag[Path | None] = Field(default=None, description="what that stage wrote beside it")
    out: Flag[Path] = Field(description="the model, an .h5 file of tf-keras or a float .tflite")
    facts: Flag[Path] = Field(description="where it comes from and how equal it is, a JSON file")
    data: Data | None = Field(default=None, description="real inputs to prove it on")
