"""Training with a teacher, as several passes do it: its options, and the call of `context.fit`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from edgewright.passes import Teacher
from edgewright.passes._masks import holding_zeros

if TYPE_CHECKING:
    from edgewright.passes import Context


class Guided(BaseModel):
    """Keys of a `[[compress]]` entry; None = as in the model's `[train]`.

    `temperature` softens the outputs of teacher and student; `share`: of the loss that is the distance to the teacher.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    epochs: int | None = Field(default=None, ge=1)
    batch_size: int | None = Field(default=None, ge=1)
    learning_rate: float | None = Field(default=None, gt=0)
    temperature: float = Field(default=4.0, ge=1, le=100)
    share: float = Field(default=0.9, gt=0, le=1)


def learn(model: Any, teacher: Any, options: Guided, context: Context) -> None:
    """Train `model` in place from the labels and from `teacher`; zeros of its kernels stay zero."""
    context.fit(
        model,
        epochs=options.epochs,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        teacher=Teacher(teacher, options.temperature, options.share),
        callbacks=holding_zeros(context.tf, model),
    )
