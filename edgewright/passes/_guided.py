"""Training with a teacher, as the passes do it that always have one: their options, and the call of `context.fit`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from edgewright.passes._teacher import Taught
from edgewright.passes.keras_model.masks import holding_zeros

if TYPE_CHECKING:
    from edgewright.passes import Context, Teacher


class Guided(Taught):
    """Keys of a `[[compress]]` entry; None = as in the model's `[train]`."""

    epochs: int | None = Field(default=None, ge=1, description="epochs of training; left out: as in [train]")
    batch_size: int | None = Field(default=None, ge=1, description="examples a step; left out: as in [train]")
    learning_rate: float | None = Field(
        default=None, gt=0, description="learning rate at the start; left out: as in [train]", examples=[0.001]
    )


def learn(model: Any, teacher: Teacher, options: Guided, context: Context) -> None:
    """Train `model` in place from the labels and from `teacher`; zeros of its kernels stay zero."""
    context.fit(
        model,
        epochs=options.epochs,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        teacher=teacher,
        callbacks=holding_zeros(context.tf, model),
    )
