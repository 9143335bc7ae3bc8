"""Distillation: the model as it is now learns from a better one, by default from itself before it was compressed.

Algorithm: G. Hinton, O. Vinyals, J. Dean, "Distilling the Knowledge in a Neural Network" (2015), arXiv:1503.02531: the
student learns the teacher's softened probabilities of all classes, which tell it more than a label does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from edgewright.passes import _teacher
from edgewright.passes._guided import Guided, learn
from edgewright.passes.order import ON_A_GRID, not_after

if TYPE_CHECKING:
    from edgewright.datasets import Split
    from edgewright.errors import UserError
    from edgewright.passes import Context

OPTIONS = Guided

inputs = _teacher.inputs
check = _teacher.check


def check_order(_options: Guided, before: Sequence[tuple[str, Any]], where: str) -> list[UserError]:
    """No training after weights were put on a grid."""
    return not_after("distill", ON_A_GRID, before, where)


def apply(model: Any, data: Split, options: Guided, context: Context) -> Any:
    """The model with the same shapes and other weights; what an earlier `prune` made zero stays zero."""
    teacher = _teacher.teacher_of(options, model, data, context)
    context.note("teacher", {"file": options.teacher, "weights": teacher.model.count_params()})
    context.note("teacher_validation_metric", context.worth(teacher.model))
    learn(model, teacher, options, context)
    return model
