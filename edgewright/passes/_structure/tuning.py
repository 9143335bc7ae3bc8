"""Training after a cut: the options that both passes share, and what may not stand before them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from edgewright.errors import UserError
from edgewright.passes import Teacher
from edgewright.passes._order import ON_A_GRID, not_after

if TYPE_CHECKING:
    from edgewright.passes import Context

LOST = {"prune": "its training, after a cut, would lose the zeros that {before} made"} | dict(ON_A_GRID)


class Tuning(BaseModel):
    """Keys of a `[[compress]]` entry; None = as in the model's `[train]`.

    `distill`: whether the model learns from the uncompressed one besides the labels; `temperature` softens the outputs
    of both; `share`: of the loss that is the distance between them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    batch_size: int | None = Field(default=None, ge=1)
    learning_rate: float | None = Field(default=None, gt=0)
    decay: Literal["none", "cosine"] = "cosine"
    distill: bool = True
    temperature: float = Field(default=4.0, ge=1, le=100)
    share: float = Field(default=0.9, gt=0, le=1)


def refused(name: str, before: Sequence[tuple[str, Any]], where: str) -> list[UserError]:
    """Passes whose work is lost when the model is cut and trained on must come after it."""
    return not_after(name, LOST, before, where)


def train(model: Any, epochs: int | None, options: Tuning, context: Context) -> None:
    """Train `model` in place for so many epochs; None = as in `[train]`."""
    if epochs == 0:
        return
    teacher = Teacher(context.reference(), options.temperature, options.share) if options.distill else None
    context.fit(
        model,
        epochs=epochs,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        decay=options.decay,
        teacher=teacher,
    )
