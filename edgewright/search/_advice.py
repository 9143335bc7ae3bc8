"""`edgewright advise` as the first step of a search: scans of the passes that it may take, and what they lead to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from edgewright.advice import recipes
from edgewright.advice.candidates import PLAIN, Candidate, candidates
from edgewright.advice.measured import measured
from edgewright.advice.scan import Scan, point, reference
from edgewright.errors import EdgewrightError, MachineError
from edgewright.files import write_text
from edgewright.home import home
from edgewright.pipeline import float_model
from edgewright.search._advised import Advised, passes_of, trial_of
from edgewright.search._build import SconsBuilder
from edgewright.search._judge import Refused
from edgewright.search._plan import Plan
from edgewright.sections.search import Search
from edgewright.spec import ProjectTarget, load_project
from edgewright.spec.variant import variant

EXAMPLES = 8000
"""Training examples of a scan, as of `edgewright advise`."""

FIRST = 4
"""Recipes that become trials: a search of 40 has 36 left to choose itself."""

Tell = Callable[[str], None]


def advice(plan: Plan, root: Path, build: SconsBuilder, tell: Tell) -> list[Advised]:
    """The first trials of a search, the best recipe first; none where no pass is searched or nothing can be scanned.

    Args:
        plan: what is searched.
        root: the project's folder.
        build: what trains the float model.
        tell: is told what is done, and why nothing is.

    Raises:
        MachineError: the machine refused.
    """
    wanted = set().union(*(passes_of(base, plan.dimensions) for base in plan.bases.values()))
    todo = [each for each in candidates() if each.entry is not None and each.entry["pass"] in wanted]
    if not todo or not any(each.key[0] == "compress" for each in plan.dimensions):
        return []
    points: dict[Candidate, Mapping[str, Any]] = {}
    ranked: list[list[recipes.Recipe]] = []
    for target in plan.targets:
        try:
            scan = _scan(plan, target, root, build, tell)
            found = _points(scan, [PLAIN, *todo], tell)
            ranked.append(_ranked(plan, target, scan, found))
        except MachineError:
            raise
        except (EdgewrightError, Refused) as error:
            tell(f"advise has nothing to say of {target.name}: {error}")
            continue
        points = {**found, **points}
    order = ordered(ranked, is_one_enough=plan.search.hold == "any") if ranked else []
    return list(_first(order, points, plan))


def ordered(ranked: Sequence[Sequence[recipes.Recipe]], *, is_one_enough: bool) -> list[recipes.Recipe]:
    """The recipes of all targets, the best first.

    Args:
        ranked: those of each target, in its own order.
        is_one_enough: whether a trial counts that holds on one target: then the best for all is followed by the best
            of each, the second best of each, and so on.
    """
    for_all = recipes.for_all(ranked)
    if not is_one_enough or len(ranked) == 1:
        return for_all
    by_turns = [recipe for turn in zip_longest(*ranked) for recipe in turn if recipe is not None]
    return [*for_all[:1], *by_turns]


def _ranked(plan: Plan, target: ProjectTarget, scan: Scan, points: recipes.Points) -> list[recipes.Recipe]:
    """The recipes in the order of a target's budget."""
    limits = scan.target.spec.budget.model_dump(exclude_none=True)
    return recipes.ranked(points, reference(scan), limits, measured(target.name, plan.model.name))


def _scan(plan: Plan, target: ProjectTarget, root: Path, build: SconsBuilder, tell: Tell) -> Scan:
    """Of a target as a trial begins with it; its float model is trained where it is not there."""
    begun = _begun(plan, target, root)
    path = float_model(begun, plan.model)
    if not (root / path).is_file():
        tell(f"training {plan.model.name}, which is scanned first")
        build.trained(begun.file, path, root / plan.folder / f"{Path(begun.file).stem}.log")
    return Scan(begun, variant(begun, plan.model), Path(path), EXAMPLES)


def _begun(plan: Plan, target: ProjectTarget, root: Path) -> ProjectTarget:
    stem = f"advise-{target.name}"
    file = f"{plan.folder}/{stem}.toml"
    write_text(root / file, plan.text(target, {}))
    return load_project(root, home(), [Path(file)]).targets[stem]


def _points(scan: Scan, todo: Sequence[Candidate], tell: Tell) -> dict[Candidate, Mapping[str, Any]]:
    """Of the candidates that the model bears."""
    found = {}
    for each in todo:
        if not scan.is_made(each):
            tell(f"scanning: {each.name}")
        found[each] = point(scan, each)
    if "refused" in found[PLAIN]:
        raise Refused(str(found[PLAIN]["refused"]), is_choice=True)
    return {each: result for each, result in found.items() if "refused" not in result}


def _first(ranked: Sequence[recipes.Recipe], points: recipes.Points, plan: Plan) -> Iterator[Advised]:
    base = plan.bases[plan.targets[0].name]
    seen: list[Mapping[str, Any]] = []
    for recipe in ranked:
        layers = {str(one.entry["pass"]): points[one].get("by_layer", {}) for one in recipe.parts if one.entry}
        values = trial_of(recipe.entries, recipe.parts[0].scheme, base, plan.dimensions, layers)
        if values is not None and values not in seen and len(seen) < min(FIRST, _most(plan.search)):
            seen.append(values)
            yield Advised(recipe.name, values)


def _most(search: Search) -> int:
    """A sampler has to have most of the trials to itself."""
    return max(1, search.trials // 4)
