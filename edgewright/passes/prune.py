"""Magnitude pruning through tensorflow-model-optimization: the smallest weights become zero while training goes on.

Algorithm: M. Zhu, S. Gupta, "To prune, or not to prune" (2017), arXiv:1710.01878: the sparsity follows a polynomial
from `initial` at `begin_step` to `final` at `end_step`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from edgewright.errors import UserError

if TYPE_CHECKING:
    from edgewright.datasets import Split
    from edgewright.passes import Context, Facts

LONGEST_FREQUENCY = 100  # steps between two updates of the masks, when the user names none


class Schedule(BaseModel):
    """Sparsity over training steps (batches, counted from 0 over all epochs of the pass)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["polynomial"] = "polynomial"
    initial: float = Field(default=0.0, ge=0, lt=1)
    final: float = Field(default=0.5, gt=0, lt=1)
    begin_step: int = Field(default=0, ge=0)
    end_step: int = Field(default=1000, ge=1)
    frequency: int | None = Field(default=None, ge=1)
    power: float = Field(default=3.0, gt=0)

    @model_validator(mode="after")
    def _consistent(self) -> Schedule:
        span = self.end_step - self.begin_step
        if span <= 0:
            raise ValueError(f"end_step ({self.end_step}) must be greater than begin_step ({self.begin_step})")
        if self.initial > self.final:
            raise ValueError(f"final ({self.final}) must not be less than initial ({self.initial})")
        if span % self.update_every:
            raise ValueError(
                f"frequency ({self.frequency}) must divide end_step - begin_step ({span}), "
                f"or the last update comes before end_step and final is never reached"
            )
        return self

    @property
    def update_every(self) -> int:
        """Steps from one update of the masks to the next: `frequency`, else the largest fitting number up to 100."""
        span = self.end_step - self.begin_step
        return self.frequency or next(n for n in range(LONGEST_FREQUENCY, 0, -1) if span % n == 0)


class Options(BaseModel):
    """Keys of the `[[compress]]` entry; None = as in the model's `[train]`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schedule: Schedule = Schedule()
    epochs: int | None = Field(default=None, ge=1)
    batch_size: int | None = Field(default=None, ge=1)
    learning_rate: float | None = Field(default=None, gt=0)


OPTIONS = Options


def check(options: Options, facts: Facts, where: str) -> list[UserError]:
    """The schedule must end within the training."""
    if facts.examples is None:
        return []
    epochs = options.epochs or facts.epochs
    steps = math.ceil(facts.examples / (options.batch_size or facts.batch_size))
    if options.schedule.end_step < epochs * steps:
        return []
    return [
        UserError(
            f"{where}.schedule.end_step",
            "the training ends before the schedule does",
            got=options.schedule.end_step,
            allowed=f"less than {epochs * steps} ({epochs} epochs of {steps} steps)",
            hint="raise epochs, or lower end_step",
        )
    ]


def apply(model: Any, _data: Split, options: Options, context: Context) -> Any:
    """The model with the smallest `final` of each layer's weights at zero; its shapes stay."""
    from tensorflow_model_optimization.sparsity import keras as sparsity

    schedule = options.schedule
    decay = sparsity.PolynomialDecay(
        initial_sparsity=schedule.initial,
        final_sparsity=schedule.final,
        begin_step=schedule.begin_step,
        end_step=schedule.end_step,
        power=schedule.power,
        frequency=schedule.update_every,
    )
    try:
        pruned = sparsity.prune_low_magnitude(model, pruning_schedule=decay)
    except ValueError as error:
        raise UserError("pass prune", f"the model cannot be pruned: {error}") from error
    context.fit(
        pruned,
        epochs=options.epochs,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        callbacks=[sparsity.UpdatePruningStep()],
    )
    return sparsity.strip_pruning(pruned)
