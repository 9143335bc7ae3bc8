"""Models: models/<name>/model.toml beside model.py or what it names as its source."""

from __future__ import annotations

from pydantic import Field

from edgewright import kinds
from edgewright.sections.data import Data
from edgewright.sections.section import Section
from edgewright.sections.task import Task
from edgewright.sections.train import Train


class Model(Section):
    """One model.toml."""

    description: kinds.Line = Field(description="one line for scons -h")
    source: kinds.Path | None = Field(
        default=None,
        description="what is brought in place of build(): a file beside model.toml, a folder with / at its end, or "
        "module:function",
        examples=["net.keras", "net.onnx", "saved_model/", "nets:build"],
    )
    labels: list[kinds.Line] | None = Field(
        default=None, description="names of the classes; left out: the data set's own"
    )
    data: Data = Data()
    train: Train = Train()
    task: Task = Task()
