"""What quantization reads."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from edgewright.options._base import Flag, StageOptions
from edgewright.sections.data import Data
from edgewright.sections.quantize import Quantize
from edgewright.sections.task import Task
from edgewright.sections.train import Train


class Options(StageOptions):
    """A model, the data that set its ranges, and how it is quantized; `train` is read where training may be run."""

    source: Flag[Path | None] = Field(default=None, description="the model's model.py, for own data or own layers")
    prepared: Flag[Path | None] = Field(default=None, description="the data as they were loaded, an .npz file")
    model: Flag[Path] = Field(description="what is quantized, an .h5 file or a float .tflite")
    calibration: Flag[Path | None] = Field(
        default=None, description="inputs that set the ranges, a .npy or .npz file, in the place of training data"
    )
    out: Flag[Path] = Field(description="the quantized model, a .tflite file")
    stats: Flag[Path] = Field(description="what is in it, a JSON file")
    data: Data
    quantize: Quantize
    train: Train = Train()
    task: Task = Task()
