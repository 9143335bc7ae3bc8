"""What only a target and a model together can tell, before anything is built: faults, and what is left out."""

from __future__ import annotations

from edgewright import registry
from edgewright.datasets import training_examples
from edgewright.errors import UserError
from edgewright.passes import Facts
from edgewright.pipeline._quantize import check as check_quantize
from edgewright.pipeline._stage import Job
from edgewright.pipeline._transmit import check_previous
from edgewright.spec import ProjectModel, ProjectTarget


def check_pair(target: ProjectTarget, model: ProjectModel) -> list[UserError]:
    """What is wrong with building `model` for `target`."""
    return [*check_previous(Job(target, model)), *_check_training(target, model)]


def _check_training(target: ProjectTarget, model: ProjectModel) -> list[UserError]:
    if model.spec is None:
        return []
    examples = training_examples(model.spec.data.model_dump(mode="json"))
    facts = Facts(examples, model.spec.train.epochs, model.spec.train.batch_size)
    errors = check_quantize(target, examples)
    for step in target.steps:
        module = registry.passes.load(step.name)
        if hasattr(module, "check"):
            errors += module.check(module.OPTIONS.model_validate(dict(step.options)), facts, step.where)
    return errors


def left_out(target: ProjectTarget, model: ProjectModel) -> str | None:
    """What the target says that is not done for this model, a line for the user; None when all of it is."""
    if model.spec is not None or not target.steps:
        return None
    names = ", ".join(step.name for step in target.steps)
    return f"{model.tflite} is quantized already and is taken as it is: {names} of target {target.name} left out"
