"""Training after a cut: the options that both passes share, and what may not stand before them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from edgewright.errors import UserError
from edgewright.passes._teacher import Taught, teacher_of
from edgewright.passes.order import ON_A_GRID, not_after

if TYPE_CHECKING:
    from edgewright.datasets import Split
    from edgewright.passes import Context

LOST = {"prune": "its training, after a cut, would lose the zeros that {before} made"} | dict(ON_A_GRID)


class Tuning(Taught):
    """Keys of a `[[compress]]` entry; None = as in the model's `[train]`.

    `distill`: whether the model learns from a teacher besides the labels.
    """

    batch_size: int | None = Field(default=None, ge=1, description="examples a step; left out: as in [train]")
    learning_rate: float | None = Field(
        default=None, gt=0, description="learning rate at the start; left out: as in [train]", examples=[0.001]
    )
    decay: Literal["none", "cosine"] = Field(default="cosine", description="how the learning rate falls to zero")
    distill: bool = Field(default=True, description="learn from a teacher besides the labels")


def refused(name: str, before: Sequence[tuple[str, Any]], where: str) -> list[UserError]:
    """Passes whose work is lost when the model is cut and trained on must come after it."""
    return not_after(name, LOST, before, where)


def train(model: Any, data: Split, epochs: int | None, options: Tuning, context: Context) -> None:
    """Train `model` in place for so many epochs; None = as in `[train]`."""
    if epochs == 0:
        return
    context.fit(
        model,
        epochs=epochs,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        decay=options.decay,
        teacher=teacher_of(options, model, data, context) if options.distill else None,
    )
