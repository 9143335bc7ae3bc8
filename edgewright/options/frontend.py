"""What the front end of a model is made of, as C for a device."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from edgewright.options._base import Flag, StageOptions
from edgewright.sections.compile import Compile
from edgewright.sections.preprocess import Chain


class Options(StageOptions):
    """A model, what is done to its inputs before, and how it is compiled."""

    model: Flag[Path] = Field(description="a .tflite file")
    name: Flag[str] = Field(description="what the files and functions are named after")
    facts: Flag[Path] = Field(description="what the features stage wrote beside the features")
    out_dir: Flag[Path] = Field(description="the folder to write")
    compile: Compile = Compile()
    preprocess: Chain
