"""`[train]` of a model."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from edgewright import kinds
from edgewright.sections.section import Section, fault


def _of_ones_own(name: str) -> str:
    if ":" in name:
        return name
    raise fault(
        f"{name!r} names no function of one's own", allowed='"module:function", a function of model.py or beside it'
    )


Own = Annotated[kinds.Function, AfterValidator(_of_ones_own)]
"""A function of the user's: "model:function"."""


class Augment(Section):
    """How each epoch changes the training images, each anew and each by itself."""

    flip: bool = Field(default=False, description="mirror left and right, half of the images")
    shift: int = Field(default=0, ge=0, description="pixels up, down, left and right at most; zeros come in")
    erase: int = Field(default=0, ge=0, description="side of one square of zeros, in pixels")
    function: Own | None = Field(
        default=None,
        description="function (inputs, random) of one's own that gives them changed, inputs of any kind: `random` is"
        " the epoch's numpy.random.Generator",
        examples=["model:noisy"],
    )


class EarlyStopping(Section):
    """When a training ends before its last epoch: the best epoch's weights are kept."""

    patience: int = Field(ge=1, description="epochs without a better figure after which it ends", examples=[3])
    by: Literal["loss", "metric"] = Field(
        default="loss", description="figure of the validation data: the loss, or the metric that is shown beside it"
    )
    least: float = Field(default=0.0, ge=0, description="by how much a figure must be better to count")


class Train(Section):
    """How it learns."""

    epochs: int = Field(default=5, ge=1, description="passes over the training examples")
    examples: int | None = Field(
        default=None, ge=1, description="learn from so many of the training examples at most, the first ones"
    )
    batch_size: int = Field(default=128, ge=1, description="examples a step")
    optimizer: Literal["adam", "adamw", "nadam", "rmsprop", "sgd"] = Field(
        default="adam", description="what changes the weights by the gradient"
    )
    learning_rate: float = Field(default=0.001, gt=0, description="learning rate of the optimizer")
    decay: Literal["none", "cosine", "linear", "exponential", "steps"] = Field(
        default="none", description="how the learning rate falls to its end, or at steps to a tenth"
    )
    decay_to: float = Field(
        default=0.0, ge=0, lt=1, description="share of the learning rate that is left at the end; exponential needs one"
    )
    decay_epochs: list[int] = Field(
        default=[], description="steps: after which epochs the rate falls to a tenth", examples=[[10, 20]]
    )
    warmup_epochs: int = Field(
        default=0, ge=0, description="epochs in which the learning rate rises to its value first"
    )
    weight_decay: float = Field(default=0.0, ge=0, description="decoupled from the loss; not of biases and batch norms")
    label_smoothing: float = Field(default=0.0, ge=0, lt=1, description="share of each label that goes to all classes")
    augment: Augment = Augment()
    class_weights: Literal["balanced"] | list[float] = Field(
        default=[],
        description="weight of each class in the loss, by its number; balanced: all classes count the same together",
        examples=["balanced", [1.0, 5.0]],
    )
    sample_weights: Own | None = Field(
        default=None,
        description="function (inputs, truth) of one's own that gives the weight of each training example in the loss",
        examples=["model:weights"],
    )
    fit: Own | None = Field(
        default=None,
        description="function (model, epoch) of one's own that does an epoch of the training and gives its loss; "
        "passes and quantization-aware training go on as usual",
        examples=["model:fit"],
    )
    early_stopping: EarlyStopping | None = Field(default=None, description="when it ends before its last epoch")
    callbacks: list[Own] = Field(
        default=[],
        description="functions of one's own that give a Keras callback each; what one remembers must lie in variables"
        " of the model, for a killed training goes on without it",
        examples=[["model:watch"]],
    )
    seed: int = Field(default=1, ge=0, description="seed of weights and of the order of the examples")

    @model_validator(mode="after")
    def _warms_up_in_time(self) -> Train:
        if self.warmup_epochs and (self.decay != "cosine" or self.warmup_epochs >= self.epochs):
            raise ValueError('warmup_epochs needs decay = "cosine" and more epochs than it takes')
        return self

    @model_validator(mode="after")
    def _calls_what_is_there(self) -> Train:
        if self.fit and self.callbacks:
            raise fault("fit and callbacks exclude each other", hint="call in fit() what the callbacks do")
        return self

    @model_validator(mode="after")
    def _falls_somewhere(self) -> Train:
        if self.decay == "exponential" and not self.decay_to:
            raise fault('decay = "exponential" never comes to 0', hint="say where it ends: decay_to = 0.01")
        if (self.decay == "steps") != bool(self.decay_epochs):
            raise fault('decay = "steps" and decay_epochs belong together')
        if any(later <= earlier for earlier, later in zip([0, *self.decay_epochs], self.decay_epochs, strict=False)):
            raise fault("decay_epochs must rise from 1", allowed="numbers of epochs, each greater than the one before")
        return self
