"""What only a target and a model together can tell, before anything is built: faults, and what is left out."""

from __future__ import annotations

from itertools import chain

from edgewright import metrics, registry
from edgewright.c_text import check_name
from edgewright.datasets import training_examples
from edgewright.errors import UserError, UserErrors
from edgewright.passes import Facts
from edgewright.pipeline._quantize import check as check_quantize
from edgewright.pipeline._stage import Job
from edgewright.pipeline._transmit import check_previous
from edgewright.spec import ProjectModel, ProjectTarget, variant
from edgewright.units import per_cent


def check_pair(target: ProjectTarget, model: ProjectModel) -> list[UserError]:
    """What is wrong with building `model` for `target`."""
    try:
        trained = variant(target, model)
    except UserErrors as caught:
        return list(caught.errors)
    found = (_check_name(target, model), check_previous(Job(target, model)), _check_training(target, trained))
    return [*chain(*found), *_check_budget(target, model)]


def _check_name(target: ProjectTarget, model: ProjectModel) -> list[UserError]:
    """Whether C takes the model's name, where the model becomes C."""
    if not target.board.is_microcontroller:
        return []
    try:
        check_name(model.name)
    except UserError as error:
        problem, hint = error.problem, f"rename it, or copy it under another name: my_{model.name}"
        return [UserError(f"model={model.origin}", problem, hint=hint)]
    return []


def _check_training(target: ProjectTarget, model: ProjectModel) -> list[UserError]:
    if model.spec is None:
        return []
    counts = [training_examples(model.spec.data), model.spec.train.examples]
    examples = min((count for count in counts if count is not None), default=None)
    facts = Facts(examples, model.spec.train.epochs, model.spec.train.batch_size)
    errors = check_quantize(target)
    for step in target.steps:
        module = registry.passes.load(step.name)
        if hasattr(module, "check"):
            errors += module.check(module.OPTIONS.model_validate(dict(step.options)), facts, step.where)
    return errors


def _check_budget(target: ProjectTarget, model: ProjectModel) -> list[UserError]:
    """Whether a float model could be as good as limits of its metric ask: no share is above 1."""
    goal = model.spec.task.goals[0] if model.spec else None
    metric = metrics.find(goal.judged_by, goal.kind) if goal else None
    loss, least = target.spec.budget.metric_loss, target.spec.budget.metric
    if metric is None or not metric.terms.share or loss is None or least is None:
        return []
    lost = per_cent(loss) if isinstance(loss, str) else loss
    if least + lost <= 1:
        return []
    problem = f"contradicts metric = {least:g}: a float model of {model.origin} would need {least + lost:g}"
    return [UserError(f"{target.file}: budget.metric_loss", problem, got=loss)]


def renamed(model: ProjectModel) -> str | None:
    """The name under which a brought file is built, a line for the user, where letters of its own fall away in it."""
    if model.spec is not None or model.origin.isascii():
        return None
    return f"{model.origin} is built under the name {model.name}: names of C have no other letters than A to Z"


def left_out(target: ProjectTarget, model: ProjectModel) -> str | None:
    """What the target says that is not done for this model, a line for the user; None when all of it is."""
    if not target.steps or model.source is None or (model.spec is not None and model.source.keras):
        return None
    names = ", ".join(step.name for step in target.steps)
    return f"{model.source.path} {_why(model)}: {names} of target {target.name} left out"


def _why(model: ProjectModel) -> str:
    """Why no pass works on what was brought."""
    if model.source is None or model.source.keras is None:
        return "is quantized already and is taken as it is"
    if model.spec is None:
        return "comes without data to learn from"
    return f"becomes a .tflite and no Keras model ({', '.join(model.source.stops)})"
