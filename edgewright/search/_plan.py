"""What is searched, checked whole before anything is built."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgewright.errors import UserError, UserErrors
from edgewright.files import canonical_json, write_text
from edgewright.home import home
from edgewright.pipeline import BUILD, check_pair
from edgewright.search import _space, _wanted
from edgewright.search._fixed import fixed, fixed_in_over
from edgewright.search._layers import layers_of
from edgewright.search._space import Dimension, Values
from edgewright.search._twice import Where, bounds_twice, keys_twice, objectives_twice, once
from edgewright.sections.search import Quick, Search
from edgewright.spec import Project, ProjectModel, ProjectTarget, load_project, search_of, target_files
from edgewright.spec.target import merge
from edgewright.spec.toml_write import document

FOLDER = f"{BUILD}/search"


@dataclass(frozen=True)
class Overrides:
    """What the command line says in place of `[search]`; None where it says nothing."""

    trials: int | None = None
    time: float | None = None
    sampler: str | None = None
    seed: int | None = None
    advise: bool | None = None

    def over(self, search: Search) -> Search:
        """The section with it."""
        given = {name: value for name, value in vars(self).items() if value is not None}
        return search.model_copy(update=given)


@dataclass(frozen=True)
class Plan:
    """A search.

    Attributes:
        name: for people.
        folder: where its trials lie, relative to the project's folder; what shapes the trials is in its name.
        targets: what each trial is built for.
        model: what is built.
        search: what was asked for.
        dimensions: what varies.
        objectives, limits: by what it is judged; budgets are judged besides.
        own: where several targets are searched, the objectives of each by itself.
        bases: the data of the targets' files, `over` laid on them.
    """

    name: str
    folder: str
    targets: tuple[ProjectTarget, ...]
    model: ProjectModel
    search: Search
    dimensions: tuple[Dimension, ...]
    objectives: tuple[_wanted.Objective, ...]
    limits: tuple[_wanted.Limit, ...]
    own: Mapping[str, tuple[_wanted.Objective, ...]]
    bases: Mapping[str, Mapping[str, Any]]

    def files(self, stem: str, values: Values, quick: Quick | None = None) -> dict[str, str]:
        """Text of the target files of a trial, by their paths, in the order of the targets.

        Raises:
            LookupError: an entry of a list is not there.
        """
        return {f"{self.folder}/{stem}-{target.name}.toml": self.text(target, values, quick) for target in self.targets}

    def text(self, target: ProjectTarget, values: Values, quick: Quick | None = None, description: str = "") -> str:
        """The target file of a trial."""
        data = _space.changed(self.bases[target.name], self.dimensions, values)
        data = _quick(data, quick, self.model) if quick else data
        if target.wanted != target.name:  # its file is none of targets/, so no other can extend it
            return document({key: value for key, value in data.items() if key != "search"})
        named = {"description": description} if description else {}
        changed = {key: value for key, value in _space.overrides(target.data, data).items() if key != "search"}
        return document({**named, "extends": target.name, **changed})


def _quick(data: Mapping[str, Any], quick: Quick, model: ProjectModel) -> dict[str, Any]:
    """A target's data with shorter trainings on fewer examples."""
    spec = model.spec.train if model.spec else None
    train = dict(data.get("train", {}))
    given = {"epochs": quick.epochs, "examples": quick.examples}
    for name, most in given.items():
        usual = train.get(name, getattr(spec, name, None))
        if most is not None:
            train[name] = most if usual is None else min(most, usual)
    if spec and spec.warmup_epochs >= train.get("epochs", spec.epochs):
        train["warmup_epochs"] = 0
    passes = [_shorter(entry, quick.epochs) for entry in data.get("compress", [])]
    return {**data, "train": train, **({"compress": passes} if passes else {})}


_EPOCHS = ("epochs", "final_epochs")


def _shorter(entry: Mapping[str, Any], epochs: int | None) -> dict[str, Any]:
    """An entry of `compress`; what it leaves out follows `[train]`, or is few."""
    given = {name: entry[name] for name in _EPOCHS if isinstance(entry.get(name), int)}
    short = {name: min(value, epochs) for name, value in given.items() if epochs is not None}
    return {**entry, **short}


def planned(root: Path, targets: str, model: str, space: str | None = None, given: Overrides | None = None) -> Plan:
    """The search of a model for targets.

    Args:
        root: the project's folder.
        targets: names with commas between them.
        model: a model of models/.
        space: name of a file in search/; None: `[search]` of the first target that has it, or the model's file.
        given: what stands in place of `[search]`.

    Raises:
        UserErrors: all that is wrong with it.
    """
    project = load_project(root, home(), target_files(targets))
    chosen = tuple(project.select_targets(targets))
    its_model = _model(project, model)
    search, where = search_of(root, chosen, its_model.name, space)
    search = (given or Overrides()).over(search)
    plan, errors = _checked(chosen, its_model, search, where, space)
    errors += _faults(plan, root, where)
    if errors:
        raise UserErrors(errors)
    return plan


def _model(project: Project, name: str) -> ProjectModel:
    models = project.select_models(name)
    if len(models) != 1:
        raise UserError(f"model={name}", "names several", allowed="one model")
    if models[0].spec is None:
        raise UserError(
            f"model={name}", "is brought as it is: a search trains and compresses", allowed="a model of models/"
        )
    return models[0]


def _checked(
    targets: tuple[ProjectTarget, ...], model: ProjectModel, search: Search, where: Where, space: str | None
) -> tuple[Plan, list[UserError]]:
    """The plan of what is right, and the faults of the rest."""
    errors: list[UserError] = []

    def kept(make: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return make(*arguments)
        except UserError as error:
            errors.append(error)
            return None

    if not search.vary:
        errors.append(UserError(where(("vary",)), "nothing varies", allowed='"quantize.scheme" = ["int8", "int16x8"]'))
    terms = _wanted.terms_of(model.spec) if model.spec else None
    bases = {target.name: merge(target.data, search.over) for target in targets}
    first = bases[targets[0].name]
    dimensions = [
        (name, dimension)
        for name, each in search.vary.items()
        for dimension in kept(_dimensions, name, each, where(("vary", name)), model, first) or ()
    ]
    errors += fixed_in_over(search.over, where)
    errors += keys_twice(dimensions, where)
    objectives = [
        kept(_wanted.objective, text, where(("objectives", n)), targets, terms)
        for n, text in enumerate(search.objectives)
    ]
    limits = [kept(_wanted.limit, each, where(("bounds", n)), targets, terms) for n, each in enumerate(search.bounds)]
    if None not in objectives:
        errors += objectives_twice(search.objectives, objectives, targets, where)
    if None not in limits:
        errors += bounds_twice(limits, where)
    name = "-".join([*(target.name for target in targets), model.name, *([space] if space else [])])
    shaped = f"{FOLDER}/{name}-{_hash(search, bases, model)}"
    own = {
        target.name: once(_wanted.objectives_of(target, search.objectives, terms))
        for target in targets
        if terms and len(targets) > 1 and None not in objectives
    }
    varying = tuple(dimension for _, dimension in dimensions)
    wanted = once([each for each in objectives if each])
    held = tuple(each for each in limits if each)
    return Plan(name, shaped, targets, model, search, varying, wanted, held, own, bases), errors


def _dimensions(
    name: str, choices: Any, where: str, model: ProjectModel, base: Mapping[str, Any]
) -> Sequence[Dimension]:
    """What a key of `vary` stands for: one choice, or one for each layer."""
    entry = _space.entry_by_layer(name)
    if entry is None:
        found = _space.dimension(name, choices, where)
        if (fault := fixed(found, where)) is not None:
            raise fault
        return [found]
    return _space.by_layer(name, choices, layers_of(model, base, entry, where))


def _hash(search: Search, bases: Mapping[str, Any], model: ProjectModel) -> str:
    """Of all that shapes the trials: how many there are to be does not."""
    section = search.model_dump(mode="json", exclude={"trials", "time"})
    folder = model.folder or Path()
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*")) if path.suffix in (".py", ".toml")]
    written = {name: {key: value for key, value in data.items() if key != "search"} for name, data in bases.items()}
    return hashlib.sha256(canonical_json([section, written, texts]).encode()).hexdigest()[:8]


def _faults(plan: Plan, root: Path, where: Where) -> Iterator[UserError]:
    """Of each value that a key may have, by itself, as if somebody had written it into the target."""
    tried: dict[str, tuple[str, Any]] = {}
    absent: dict[str, None] = {}
    with tempfile.TemporaryDirectory(prefix="edgewright-") as name:
        for number, (each, value) in enumerate((d, value) for d in plan.dimensions for value in d.examples()):
            try:
                texts = [(target.name, plan.text(target, {each.name: value})) for target in plan.targets]
            except (LookupError, TypeError):
                absent.setdefault(each.name)
                continue
            for target, text in texts:
                path = Path(name) / f"probe-{number}-{target}.toml"
                write_text(path, text)
                tried[str(path)] = each.name, value
        for each_name in absent:
            yield UserError(where(("vary", each_name)), "there is no such place in the target", got=each_name)
        yield from _told(plan, root, tried, where)


def _found(plan: Plan, root: Path, paths: Sequence[Path]) -> list[UserError]:
    """The faults of files by themselves; of those that have none, the faults with the model."""
    try:
        project = load_project(root, home(), paths)
    except UserErrors as caught:
        faulty = {error.where.partition(":")[0] for error in caught.errors}
        right = [path for path in paths if str(path) not in faulty]
        return [*caught.errors, *(_found(plan, root, right) if len(right) < len(paths) else [])]
    return [error for path in paths for error in check_pair(project.targets[path.stem], plan.model)]


def _told(plan: Plan, root: Path, tried: Mapping[str, tuple[str, Any]], where: Where) -> Iterator[UserError]:
    """What is wrong with files that were written to try values."""
    found = _found(plan, root, [Path(path) for path in tried])
    told: set[tuple[str, str]] = set()
    for error in found:
        name, value = tried.get(error.where.partition(":")[0], ("", None))
        if not name or (name, error.problem) in told:
            continue
        told.add((name, error.problem))
        place = error.where.rpartition(": ")[2]
        yield UserError(
            where(("vary", name)), f"{place}: {error.problem}", got=value, allowed=error.allowed, hint=error.hint
        )
