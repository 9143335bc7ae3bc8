"""`[train]` of a model."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from edgewright.sections.section import Section


class Augment(Section):
    """How each epoch changes the training images, each anew and each by itself."""

    flip: bool = Field(default=False, description="mirror left and right, half of the images")
    shift: int = Field(default=0, ge=0, description="pixels up, down, left and right at most; zeros come in")
    erase: int = Field(default=0, ge=0, description="side of one square of zeros, in pixels")


class Train(Section):
    """How it learns."""

    epochs: int = Field(default=5, ge=1, description="passes over the training examples")
    batch_size: int = Field(default=128, ge=1, description="examples a step")
    optimizer: Literal["adam", "adamw", "nadam", "rmsprop", "sgd"] = Field(
        default="adam", description="what changes the weights by the gradient"
    )
    learning_rate: float = Field(default=0.001, gt=0, description="learning rate of the optimizer")
    decay: Literal["none", "cosine"] = Field(default="none", description="how the learning rate falls to zero")
    warmup_epochs: int = Field(
        default=0, ge=0, description="epochs in which the learning rate rises to its value first"
    )
    weight_decay: float = Field(default=0.0, ge=0, description="decoupled from the loss; not of biases and batch norms")
    label_smoothing: float = Field(default=0.0, ge=0, lt=1, description="share of each label that goes to all classes")
    augment: Augment = Augment()
    seed: int = Field(default=1, ge=0, description="seed of weights and of the order of the examples")

    @model_validator(mode="after")
    def _warms_up_in_time(self) -> Train:
        if self.warmup_epochs and (self.decay != "cosine" or self.warmup_epochs >= self.epochs):
            raise ValueError('warmup_epochs needs decay = "cosine" and more epochs than it takes')
        return self
