"""What the command line chooses of a project: targets, models, groups of models, and their stages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from edgewright.errors import UserError, UserErrors
from edgewright.home import home
from edgewright.pipeline import (
    BUILD,
    Made,
    Stage,
    check_group,
    check_pair,
    made,
    made_together,
    overview_stage,
    report_text,
    stages_of,
    together_stages,
    together_text,
)
from edgewright.scons._options import Option, read_options
from edgewright.spec import Project, ProjectModel, ProjectTarget, escaped, load_project, target_files

Pair = tuple[ProjectTarget, ProjectModel]
Group = tuple[ProjectTarget, list[ProjectModel]]


@dataclass(frozen=True)
class Plan:
    """What is built.

    Attributes:
        project: all that there is to choose from.
        table: the variables of the command line.
        values: their values.
        pairs: targets and models that were chosen.
        tables: paths of the tables that a build ends with.
        stages: what makes them, each after those that it reads from.
    """

    project: Project
    table: Sequence[Option]
    values: Mapping[str, str]
    pairs: Sequence[Pair]
    tables: Sequence[str]
    stages: Sequence[Stage]


def planned(root: Path, table: Sequence[Option], given: Mapping[str, str], *, alone: bool = False) -> Plan:
    """What the variables of the command line, `given`, choose of the project in `root`; UserErrors.

    `alone`: it stands beside another plan of the project, which has the page of all builds.
    """
    values, errors = read_options(table, given)
    project = _load(root, values["target"], errors)
    pairs = _choose(project, values, named="model" in given)
    groups = _groups(pairs)
    stages = _stages(pairs, groups, values["budget"] == "warn")
    if not alone:
        stages.append(overview_stage(_built(pairs, groups, root), _searches(root)))
    _refuse_unmade(stages, root)
    tables = [report_text(*pair) for pair in pairs] + [together_text(*group) for group in groups]
    return Plan(project, table, values, pairs, tables, stages)


def _load(root: Path, target: str, errors: list[UserError]) -> Project:
    try:
        project = load_project(root, home(), target_files(target))
    except UserErrors as caught:
        raise UserErrors([*errors, *caught.errors]) from None
    if errors:
        raise UserErrors(errors)
    return project


def _choose(project: Project, values: Mapping[str, str], *, named: bool) -> list[Pair]:
    targets = project.select_targets(values["target"])
    pairs = [(target, model) for target in targets for model in _models(project, target, values, named)]
    if not pairs:
        hint = "bring one: model=path/to/net.tflite; or describe one in models/<name>/model.toml and model.py"
        raise UserError(f"model={values['model']}", "the project has no model", hint=hint)
    if errors := [*_namesakes(pairs), *(error for pair in pairs for error in check_pair(*pair))]:
        raise UserErrors(errors)
    return pairs


def _models(project: Project, target: ProjectTarget, values: Mapping[str, str], named: bool) -> list[ProjectModel]:
    wanted = values["model"] if named else _wanted(target, values)
    return project.select_models(wanted, values["calibration"] or None)


def _namesakes(pairs: list[Pair]) -> Iterator[UserError]:
    """Models of one target that would be built in one folder, where the last would stand for all of them."""
    first: dict[tuple[str, str], ProjectModel] = {}
    for target, model in pairs:
        other = first.setdefault((target.name, model.name), model)
        if other != model:
            problem = f"{other.origin} and {model.origin} would both be built in {BUILD}/{target.name}/{model.name}"
            yield UserError(f"model={model.origin}", problem, hint="copy one of them under another name")


def _wanted(target: ProjectTarget, values: Mapping[str, str]) -> str:
    """The models that the target names, else the project's default."""
    named = [*target.spec.models, *([target.spec.model] if target.spec.model is not None else [])]
    return ",".join(map(escaped, named)) or values["model"]


def _stages(pairs: list[Pair], groups: list[Group], warn: bool) -> list[Stage]:
    """The stages of all pairs and groups; what two of them share is in it once."""
    alone = (stage for pair in pairs for stage in stages_of(*pair, warn=warn))
    together = (stage for group in groups for stage in together_stages(*group, warn=warn))
    return list({stage.outputs: stage for stage in (*alone, *together)}.values())


def _names_of(target: ProjectTarget, pairs: list[Pair]) -> set[str]:
    return {model.name for its, model in pairs if its is target}


def _groups(pairs: list[Pair]) -> list[Group]:
    """The chosen targets that put several models into one firmware, where all of these are chosen; UserErrors."""
    chosen: dict[str, Group] = {}
    for target, model in pairs:
        names = {str(name) for name in target.spec.models}
        if names & {model.name, model.origin}:
            chosen.setdefault(target.name, (target, []))[1].append(model)
    groups = [group for group in chosen.values() if len(group[1]) == len(group[0].spec.models)]
    if errors := [error for group in groups for error in check_group(*group, _names_of(group[0], pairs))]:
        raise UserErrors(errors)
    return groups


def _built(pairs: list[Pair], groups: list[Group], root: Path) -> list[Made]:
    """The builds of the page of all builds: the chosen ones, and those that were made before."""
    folders = (path.parent.relative_to(root).as_posix() for path in (root / BUILD).glob("*/*/history.json"))
    chosen = [*(made(*pair) for pair in pairs), *(made_together(*group) for group in groups)]
    return sorted({*chosen, *map(Made.in_folder, folders)})


def _searches(root: Path) -> list[str]:
    """What searches have found so far: build/search/*/front.json."""
    return sorted(path.relative_to(root).as_posix() for path in (root / BUILD / "search").glob("*/front.json"))


def _refuse_unmade(stages: list[Stage], root: Path) -> None:
    """UserErrors for files of the build that a stage reads, that are not there, and that no stage makes."""
    made = {output for stage in stages for output in stage.outputs}
    hint = "choose the model that makes it as well: model=a,b"
    errors = [
        UserError(
            stage.title, "reads a file that is not there and that nothing in this build makes", got=path, hint=hint
        )
        for stage in stages
        for path in stage.inputs
        if path.startswith(f"{BUILD}/") and path not in made and not (root / path).exists()
    ]
    if errors:
        raise UserErrors(errors)
