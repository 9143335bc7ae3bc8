"""A model as a target has it: built with other arguments, trained otherwise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from edgewright.errors import UserError, UserErrors, did_you_mean
from edgewright.files import canonical_json
from edgewright.sections.section import Key, translated
from edgewright.sections.train import Train
from edgewright.source import parameters
from edgewright.spec.model import Model
from edgewright.spec.project import ProjectModel, ProjectTarget


def variant(target: ProjectTarget, model: ProjectModel) -> ProjectModel:
    """The model with the target's `[build]` and `[train]` laid over its own.

    Raises:
        UserErrors: `build()` has not these arguments, `[train]` not these keys, or the model is not trained here.
    """
    if errors := _faults(target, model):
        raise UserErrors(errors)
    spec, own = model.spec, target.spec
    if spec is None or not (own.build or own.train):
        return model
    build = {**spec.build, **own.build}
    train = _train(target, spec)
    if build == spec.build and train == spec.train:
        return model
    changed = [build, train.model_dump(mode="json", exclude_defaults=True)]
    return replace(
        model, spec=spec.model_copy(update={"build": build, "train": train}), variant=canonical_json(changed)
    )


def _train(target: ProjectTarget, spec: Model) -> Train:
    given = {**spec.train.model_dump(exclude_unset=True), **target.spec.train}
    try:
        return Train.model_validate(given)
    except ValidationError as error:
        raise UserErrors(translated(error, Train, given, lambda key: _place(target, ("train", *key)))) from None


def _place(target: ProjectTarget, key: Key) -> str:
    return ": ".join([target.file, ".".join(map(str, key))])


def _faults(target: ProjectTarget, model: ProjectModel) -> list[UserError]:
    own = target.spec
    if not (own.build or own.train or (model.spec and model.spec.build)):
        return []
    if model.spec is None or model.source is not None:
        key = "build" if own.build else "train"
        problem = f"{model.origin} is brought as it is: build() of a model.py makes no part of it"
        return [UserError(_place(target, (key,)), problem, hint="name a model of models/ with a model.py")]
    source = Path("models") / model.name / "model.py"
    known = parameters(model.folder / "model.py" if model.folder else source, "build")
    places = {name: f"{source.parent}/model.toml: build.{name}" for name in model.spec.build}
    places |= {name: _place(target, ("build", name)) for name in own.build}
    return [
        UserError(
            where, f"build() of {source} takes no such argument", allowed=_told(known), hint=did_you_mean(name, known)
        )
        for name, where in places.items()
        if known is not None and name not in known
    ]


def _told(known: tuple[str, ...]) -> str:
    return ", ".join(known) if known else "none: it has no arguments"
