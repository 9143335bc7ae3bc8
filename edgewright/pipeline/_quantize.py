"""What of `[quantize]` the quantize stage depends on, and what is wrong with it beside passes."""

from __future__ import annotations

from collections.abc import Sequence

from edgewright.errors import UserError
from edgewright.passes.order import ON_A_GRID
from edgewright.sections.quantize import Quantize
from edgewright.sections.train import Train
from edgewright.spec import Model, ProjectTarget, Step

_CODES = "latent"
"""The pass whose codes are stored in place of the weights: no training may come after it."""


def sections(target: ProjectTarget, spec: Model) -> tuple[Quantize, Train]:
    """`[quantize]` with the keys that its scheme reads, and `[train]` where training may be run."""
    chosen = target.spec.quantize
    if chosen.qat == "auto" and (chosen.int16_layers or _coded(target.steps)):
        chosen = chosen.model_copy(update={"qat": "never"})  # 16 bits are the remedy already, or codes would be lost
    return chosen.essential(), spec.train if chosen.trains else Train()


def check(target: ProjectTarget) -> list[UserError]:
    """Faults of `[quantize]` beside the target's passes."""
    chosen = target.spec.quantize
    where = f"{target.file}: quantize"
    errors = []
    if chosen.qat == "always" and (coded := _coded(target.steps)):
        problem = f"may not come after {coded!r}: {ON_A_GRID[coded].format(before=coded)}"
        errors.append(UserError(f"{where}.qat", problem, got=chosen.qat, allowed=["auto", "never"]))
    return errors


def _coded(steps: Sequence[Step]) -> str | None:
    return next((step.name for step in steps if step.name == _CODES), None)
