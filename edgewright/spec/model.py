"""Models: models/<name>/model.toml beside model.py, or a .tflite file that somebody brings."""

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
    labels: list[kinds.Line] | None = Field(
        default=None, description="names of the classes; left out: the data set's own"
    )
    data: Data = Data()
    train: Train = Train()
    task: Task = Task()
