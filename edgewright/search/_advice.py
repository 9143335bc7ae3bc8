"""`edgewright advise` as the first step of a search: scans of the passes that it may take, and what they lead to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from edgewright.advice import recipes
from edgewright.advice.candidates import PLAIN, Candidate, candidates
from edgewright.advice.measured import measured
from edgewright.advice.scan import Scan, point, reference
from edgewright.errors import EdgewrightError
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
        plan: what is searched; of several targets the first is asked.
        root: the project's folder.
        build: what trains the float model.
        tell: is told what is done, and why nothing is.
    """
    base = plan.bases[plan.targets[0].name]
    wanted = passes_of(base, plan.dimensions)
    todo = [each for each in candidates() if each.entry is not None and each.entry["pass"] in wanted]
    if not todo or not any(each.key[0] == "compress" for each in plan.dimensions):
        return []
    try:
        scan = _scan(plan, root, build, tell)
        points, base_point = _points(scan, [PLAIN, *todo], tell), reference(scan)
    except (EdgewrightError, Refused) as error:
        tell(f"advise has nothing to say: {error}")
        return []
    limits = scan.target.spec.budget.model_dump(exclude_none=True)
    ranked = recipes.ranked(points, base_point, limits, measured(plan.targets[0].name, plan.model.name))
    return list(_first(ranked, points, base, plan))


def _scan(plan: Plan, root: Path, build: SconsBuilder, tell: Tell) -> Scan:
    """Of the target as a trial begins with it; its float model is trained where it is not there."""
    target = _target(plan, root)
    path = float_model(target, plan.model)
    if not (root / path).is_file():
        tell(f"training {plan.model.name}, which is scanned first")
        build.trained(target.file, path, root / plan.folder / "advise.log")
    return Scan(target, variant(target, plan.model), Path(path), EXAMPLES)


def _target(plan: Plan, root: Path) -> ProjectTarget:
    stem = f"advise-{plan.targets[0].name}"
    file = f"{plan.folder}/{stem}.toml"
    write_text(root / file, plan.text(plan.targets[0], {}))
    return load_project(root, home(), [Path(file)]).targets[stem]


def _points(scan: Scan, todo: Sequence[Candidate], tell: Tell) -> dict[Candidate, Mapping[str, Any]]:
    """Of the candidates that the model bears."""
    found = {}
    for each in todo:
        if not scan.path(each).is_file():
            tell(f"scanning: {each.name}")
        found[each] = point(scan, each)
    if "refused" in found[PLAIN]:
        raise Refused(str(found[PLAIN]["refused"]), is_choice=True)
    return {each: result for each, result in found.items() if "refused" not in result}


def _first(
    ranked: Sequence[recipes.Recipe], points: recipes.Points, base: Mapping[str, Any], plan: Plan
) -> Iterator[Advised]:
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
