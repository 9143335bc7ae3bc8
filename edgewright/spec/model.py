"""Models: models/<name>/model.toml beside model.py, or a .tflite file that somebody brings."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from edgewright.spec._validate import Section


class Data(Section):
    """What the model learns from."""

    dataset: str | None = Field(default=None, description="name of a data set; left out when model.py has load()")
    validation: int = Field(default=5000, ge=1, description="how many of the last training examples are validation")
    limit: int | None = Field(default=None, ge=1, description="use only so many examples of each split")


class Train(Section):
    """How it learns."""

    epochs: int = Field(default=5, ge=1, description="passes over the training examples")
    batch_size: int = Field(default=128, ge=1, description="examples a step")
    optimizer: Literal["adam", "adamw", "nadam", "rmsprop", "sgd"] = "adam"
    learning_rate: float = Field(default=0.001, gt=0, description="learning rate of the optimizer")
    decay: Literal["none", "cosine"] = Field(default="none", description="how the learning rate falls to zero")
    loss: Literal["sparse_categorical_crossentropy"] = "sparse_categorical_crossentropy"
    seed: int = Field(default=1, ge=0, description="seed of weights and of the order of the examples")


class Metric(Section):
    """What a good model is judged by."""

    kind: Literal["top1"] = "top1"


class Model(Section):
    """One model.toml."""

    description: str = Field(description="one line for scons -h")
    labels: list[str] | None = Field(default=None, description="names of the classes; left out: the data set's own")
    data: Data
    train: Train
    metric: Metric = Metric()
