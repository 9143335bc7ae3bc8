"""What a trial that was built is worth: its objectives, the limits that it breaks, and the same on each target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from edgewright.report.budget import bound, show_row
from edgewright.search._figures import refuse_absent
from edgewright.search._plan import Plan
from edgewright.search._record import Found, OnTarget, Outcome
from edgewright.search._wanted import Objective, excess


class Refused(Exception):  # noqa: N818 - it is no error of the search
    """A trial that could not be built; `is_choice`: for what was chosen."""

    def __init__(self, message: str, *, is_choice: bool) -> None:
        super().__init__(message)
        self.is_choice = is_choice


Made = Mapping[str, "Mapping[str, Any] | Refused"]
"""Reports of a trial by the names of the targets, or why there is none."""


def _values(objectives: Sequence[Objective], made: Made) -> list[float | None]:
    """Of each objective; None where the target could not be built or its report has no such figure."""
    found = ((each, made[each.target]) for each in objectives)
    return [None if isinstance(report, Refused) else each.figure.value(report) for each, report in found]


def costs_of(objectives: Sequence[Objective], made: Made) -> tuple[float, ...] | None:
    """Numbers of which less is better; None where one is not there."""
    values = _values(objectives, made)
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    return tuple(-value if each.figure.more else value for each, value in zip(objectives, known, strict=True))


def _figures(objectives: Sequence[Objective], costs: tuple[float, ...]) -> tuple[str, ...]:
    values = (-cost if each.figure.more else cost for each, cost in zip(objectives, costs, strict=True))
    return tuple(each.figure.text(value) for each, value in zip(objectives, values, strict=True))


def _missing(objectives: Sequence[Objective], made: Made) -> str:
    """Why the costs are not all there."""
    missing = [each for each, value in zip(objectives, _values(objectives, made), strict=True) if value is None]
    report = made[missing[0].target]
    if isinstance(report, Refused):
        return f"{missing[0].target}: {report}"
    return f"the report of {missing[0].target} has no {missing[0].figure.name}"


def judged(plan: Plan, found: Found, made: Made) -> tuple[Found, dict[str, float]]:
    """A trial that was built for one of its targets at least, and what Optuna learns of limits."""
    reports = {name: report for name, report in made.items() if not isinstance(report, Refused)}
    over = {name: dict(_over(plan, name, report)) for name, report in reports.items()}
    broken = {name: list(_broken(plan, name, report)) for name, report in reports.items()}
    targets = {name: _on_target(plan, name, made, broken.get(name, ())) for name in plan.own}
    costs = costs_of(plan.objectives, made) or ()
    whole = replace(found, costs=costs, figures=_figures(plan.objectives, costs) if costs else (), targets=targets)
    all_hold = len(reports) == len(made) and not any(broken.values())
    outcome: Outcome = "infeasible" if costs else "failed"
    if costs and all_hold:
        outcome = "full"
    elif whole.holds_on:
        outcome = "some"
    return replace(whole, outcome=outcome, message="; ".join(_said(plan, made, broken))), _told(plan, over)


def _said(plan: Plan, made: Made, broken: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """What it breaks, which targets it could not be built for, or which figure is not there."""
    if told := [limit for each in broken.values() for limit in each]:
        yield f"over {', '.join(told)}"
    refused = [f"{name}: {report}" for name, report in made.items() if isinstance(report, Refused)]
    yield from refused
    if costs_of(plan.objectives, made) is None and not refused:
        yield _missing(plan.objectives, made)


def _broken(plan: Plan, target: str, report: Mapping[str, Any]) -> Iterator[str]:
    """The limits of a target that a report is over, each with its value."""
    for row in report["budget"]:
        if row["ok"] is False:
            value, limit, _ = show_row(row, report)
            yield f"{target}: budget {row['name']} {bound(row['name'], report)} {limit} ({value})"
    for each in plan.limits:
        if each.target == target and (each.over(report) or 0.0) > 0:
            yield each.told(report)


def _on_target(plan: Plan, name: str, made: Made, broken: Sequence[str]) -> OnTarget:
    report, objectives = made[name], plan.own[name]
    if isinstance(report, Refused):
        return OnTarget(message=str(report))
    costs = costs_of(objectives, made)
    if costs is None:
        return OnTarget(message=_missing(objectives, made))
    own = [limit.removeprefix(f"{name}: ") for limit in broken]
    message = f"over {', '.join(own)}" if own else ""
    return OnTarget(_figures(objectives, costs), costs, not broken, message)


def refuse_unknown(plan: Plan, made: Made) -> None:
    """NoSuchFigureError where an objective or a bound is of a path that no trial's report will have."""
    objectives = (*plan.objectives, *(each for own in plan.own.values() for each in own))
    asked = [
        *((each.figure, each.target) for each in objectives),
        *((each.figure, each.target) for each in plan.limits),
    ]
    for figure, target in asked:
        report = made[target]
        if not isinstance(report, Refused):
            refuse_absent(figure, target, report)


_OVER_ANY = "over the limits of every target"


def _told(plan: Plan, over: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """What Optuna learns of limits: of each, or, where one target is enough, how far the nearest one is away."""
    if plan.search.hold == "all" or len(plan.targets) == 1:
        return {limit: value for each in over.values() for limit, value in each.items()}
    return {_OVER_ANY: min(max([*each.values(), -1.0]) for each in over.values())}


def _over(plan: Plan, target: str, report: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """By which share a target's limits are broken, budget and bounds; those that nobody measured are left out."""
    for row in report["budget"]:
        if row["ok"] is not None:
            share = abs(excess(row["value"], row["limit"], at_least=False))
            yield f"{target}: budget {row['name']}", -share if row["ok"] else share
    for limit in plan.limits:
        value = limit.over(report) if limit.target == target else None
        if value is not None:
            yield limit.name, value
