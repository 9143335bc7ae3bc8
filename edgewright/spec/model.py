"""Models: models/<name>/model.toml beside model.py, or a .tflite file that somebody brings."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from edgewright import kinds
from edgewright.spec._validate import Section


class Data(Section):
    """What the model learns from."""

    dataset: kinds.Name | None = Field(
        default=None, description="name of a data set; left out when model.py has load()"
    )
    validation: int = Field(default=5000, ge=1, description="how many of the last training examples are validation")
    limit: int | None = Field(default=None, ge=1, description="use only so many examples of each split")


class Augment(Section):
    """How each epoch changes the training images, each anew and each by itself."""

    flip: bool = Field(default=False, description="mirror left and right, half of the images")
    shift: int = Field(default=0, ge=0, description="pixels up, down, left and right at most; zeros come in")
    erase: int = Field(default=0, ge=0, description="side of one square of zeros, in pixels")


class Train(Section):
    """How it learns."""

    epochs: int = Field(default=5, ge=1, description="passes over the training examples")
    batch_size: int = Field(default=128, ge=1, description="examples a step")
    optimizer: Literal["adam", "adamw", "nadam", "rmsprop", "sgd"] = "adam"
    learning_rate: float = Field(default=0.001, gt=0, description="learning rate of the optimizer")
    decay: Literal["none", "cosine"] = Field(default="none", description="how the learning rate falls to zero")
    warmup_epochs: int = Field(
        default=0, ge=0, description="epochs in which the learning rate rises to its value first"
    )
    weight_decay: float = Field(default=0.0, ge=0, description="decoupled from the loss; not of biases and batch norms")
    label_smoothing: float = Field(default=0.0, ge=0, lt=1, description="share of each label that goes to all classes")
    augment: Augment = Augment()
    loss: Literal["sparse_categorical_crossentropy"] = "sparse_categorical_crossentropy"
    seed: int = Field(default=1, ge=0, description="seed of weights and of the order of the examples")

    @model_validator(mode="after")
    def _warms_up_in_time(self) -> Train:
        if self.warmup_epochs and (self.decay != "cosine" or self.warmup_epochs >= self.epochs):
            raise ValueError('warmup_epochs needs decay = "cosine" and more epochs than it takes')
        return self


class Metric(Section):
    """What a good model is judged by."""

    kind: Literal["top1"] = "top1"


class Model(Section):
    """One model.toml."""

    description: kinds.Line = Field(description="one line for scons -h")
    labels: list[kinds.Line] | None = Field(
        default=None, description="names of the classes; left out: the data set's own"
    )
    data: Data
    train: Train
    metric: Metric = Metric()
