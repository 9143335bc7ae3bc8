"""Models: models/<name>/model.toml beside model.py or what it names as its source."""

from __future__ import annotations

from pydantic import Field, model_validator

from edgewright import kinds
from edgewright.sections.build import Arguments
from edgewright.sections.data import Data
from edgewright.sections.preprocess import Chain
from edgewright.sections.section import Section, fault
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
    preprocess: Chain = Field(
        default=[],
        description="what is done to the examples before the model sees them, in training as on the device; "
        "[[preprocess]] for several kinds one after the other",
    )
    build: Arguments = Field(
        default={}, description="keyword arguments of build() of model.py", examples=[{"width": 16}]
    )
    train: Train = Train()
    task: Task = Task()

    @model_validator(mode="after")
    def _rates_agree(self) -> Model:
        ours, rate = self.preprocess[0].more.get("rate") if self.preprocess else None, self.data.more.get("rate")
        if ours is not None and rate not in (None, ours):
            raise fault(f"preprocess.rate is {ours}, and data.rate {rate}", allowed="the same samples a second")
        return self
