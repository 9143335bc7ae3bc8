"""Faults that only a target and a model together can have; found before anything is built."""

from __future__ import annotations

from edgewright import registry
from edgewright.datasets import training_examples
from edgewright.errors import UserError
from edgewright.passes import Facts
from edgewright.spec import ProjectModel, ProjectTarget


def check_pair(target: ProjectTarget, model: ProjectModel) -> list[UserError]:
    """What is wrong with building `model` for `target`."""
    if model.spec is None:
        return []  # a .tflite is not compressed any more: its target's passes do not run
    examples = training_examples(model.spec.data.model_dump(mode="json"))
    facts = Facts(examples, model.spec.train.epochs, model.spec.train.batch_size)
    errors: list[UserError] = []
    for step in target.steps:
        module = registry.passes.load(step.name)
        if hasattr(module, "check"):
            errors += module.check(module.OPTIONS.model_validate(dict(step.options)), facts, step.where)
    return errors
