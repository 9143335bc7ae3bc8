"""What a drop-in library is made of."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from edgewright.options._base import Flag, StageOptions
from edgewright.sections.compile import Optimize


class Options(StageOptions):
    """Generated C, and the model as an array."""

    model_dir: Flag[Path] = Field(description="folder of the generated C")
    portable_dir: Flag[list[Path]] = Field(description="folder of a model in portable C, with samples", min_length=1)
    tflite_header: Flag[list[Path]] = Field(default=[], description="a model as an array: its header")
    tflite_source: Flag[list[Path]] = Field(default=[], description="a model as an array: its source")
    front_dir: Flag[list[Path]] = Field(default=[], description="folder of what [preprocess] of a model declares, as C")
    anew: Flag[bool] = Field(default=False, description="remove what else lies in the folder to write")
    out_dir: Flag[Path] = Field(description="the folder to write")
    templates: Flag[list[Path]] = Field(default=[], description="folder that is searched before templates/")
    compile: Optimize = Optimize()
