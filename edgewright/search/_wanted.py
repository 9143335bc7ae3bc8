"""What a search judges by: objectives and bounds, each of one target."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import PydanticCustomError

from edgewright import kinds, metrics
from edgewright.errors import UserError, did_you_mean
from edgewright.metrics import Terms
from edgewright.search._figures import ON_MICROCONTROLLERS, Judged, judged
from edgewright.sections.search import Bound
from edgewright.spec import Model, ProjectTarget
from edgewright.units import parse_bytes, parse_microseconds

_OBJECTIVE = re.compile(r"(?:(?P<target>[^:\s]+)\s*:\s*)?(?:(?P<want>most|least)\s+)?(?P<figure>\S+)")
_UNITS = {"bytes": parse_bytes, "us": parse_microseconds}


@dataclass(frozen=True)
class Objective:
    """A figure of a target that is to be as good as can be."""

    figure: Judged
    target: str
    several: bool
    key: Hashable
    """The same for two that are the same figure of the same target, whatever they are called."""

    @property
    def title(self) -> str:
        """For people."""
        return f"{self.figure.title}, {self.target}" if self.several else self.figure.title

    @property
    def is_share(self) -> bool:
        """Whether it is told in per cent."""
        return self.figure.terms is not None and self.figure.terms.share


@dataclass(frozen=True)
class Limit:
    """A figure of a target that must hold."""

    figure: Judged
    target: str
    limit: float
    at_least: bool
    key: Hashable
    """As of `Objective`."""

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.target}: {self.figure.name} {'at least' if self.at_least else 'at most'}"

    def told(self, report: Mapping[str, Any]) -> str:
        """The same with the limit and what a report of the target has."""
        value = self.figure.value(report)
        return self.name if value is None else f"{self.name} {beside(self.limit, value, self.figure.text)}"

    def over(self, report: Mapping[str, Any]) -> float | None:
        """By how much of the limit a report of the target does not hold; 0 and less where it does."""
        value = self.figure.value(report)
        return None if value is None else excess(value, self.limit, at_least=self.at_least)


def beside(limit: float, value: float, show: Callable[[float], str]) -> str:
    """A limit and a value for people; to the last digit where they look the same else."""
    told = [show(limit), show(value)]
    return "{} ({})".format(*(told if told[0] != told[1] else [f"{limit:.9g}", f"{value:.9g}"]))


def excess(value: float, limit: float, *, at_least: bool) -> float:
    """By which share of the limit a value is on the wrong side of it."""
    return (limit - value if at_least else value - limit) / max(abs(limit), 1e-9)


def objective(text: str, where: str, targets: Sequence[ProjectTarget], terms: Terms) -> Objective:
    """What one text of `objectives` says; UserError."""
    found = _OBJECTIVE.fullmatch(text.strip())
    if found is None:
        allowed = '"flash", "mcu: flash", "least transmit.gzip_bytes"'
        raise UserError(where, "is no objective", got=text, allowed=allowed)
    figure = judged(found["figure"], found["want"], where, terms)
    target = _target(found["target"], figure, where, targets)
    return Objective(figure, target.name, len(targets) > 1, _key(target, figure))


def objectives_of(target: ProjectTarget, texts: Sequence[str], terms: Terms) -> tuple[Objective, ...]:
    """What of `objectives`, which are right, is asked of one of several targets: each figure that it can have."""
    matches = [found for text in texts if (found := _OBJECTIVE.fullmatch(text.strip()))]
    asked = [judged(m["figure"], m["want"], "", terms) for m in matches if m["target"] in (None, target.name)]
    return tuple(
        Objective(figure, target.name, several=False, key=_key(target, figure))
        for figure in asked
        if _has(target, figure)
    )


def asked_of(text: str, objective: Objective, targets: Sequence[ProjectTarget]) -> Iterator[Hashable]:
    """The keys of what an objective, which is this text, asks the fronts of targets for."""
    found = _OBJECTIVE.fullmatch(text.strip())
    name = found["target"] if found else None
    for target in targets:
        if name in (None, target.name) and _has(target, objective.figure):
            yield _key(target, objective.figure)


def _key(target: ProjectTarget, figure: Judged) -> Hashable:
    """Of the figure that a report of the target has: that is the first of those that it can have."""
    can = (each.path for each in figure.figures if _can_have(target, each.path))
    return target.name, next(can, figure.figures[0].path)


def limit(bound: Bound, where: str, targets: Sequence[ProjectTarget], terms: Terms) -> Limit:
    """What one table of `bounds` says; UserError."""
    want = "least" if bound.least is None else "most"
    figure = judged(bound.figure, want, where, terms)
    given = bound.most if bound.least is None else bound.least
    target = _target(bound.target, figure, where, targets)
    return Limit(figure, target.name, _number(given, figure, where), bound.least is not None, _key(target, figure))


def terms_of(spec: Model) -> Terms:
    """How the metric of a model is read."""
    goal = spec.task.goals[0]
    found = metrics.find(goal.judged_by, goal.kind)
    return found.terms if found else Terms(goal.judged_by, goal.better or "more")


def _number(given: Any, figure: Judged, where: str) -> float:
    if figure.terms is not None and figure.terms.share:
        return _share(given, figure, where)
    parse = _UNITS.get(figure.unit)
    if parse is None and isinstance(given, (int, float)):
        return float(given)
    if parse is None:
        raise UserError(where, f"{figure.name} has no unit", got=given, allowed="a number")
    try:
        return float(parse(given))
    except PydanticCustomError as error:
        context = error.context or {}
        raise UserError(
            where, error.message(), got=given, allowed=context.get("allowed"), hint=context.get("hint")
        ) from None


def _share(given: Any, figure: Judged, where: str) -> float:
    """A share of 1, which may be written in per cent."""
    if isinstance(given, str) and kinds.PER_CENT.takes(given):
        value = float(given.strip(" %")) / 100
    else:
        value = given if isinstance(given, (int, float)) else math.nan
    if 0 <= value <= 1:
        return float(value)
    hint = f'did you mean "{given:g} %"?' if 1 < value <= 100 and not isinstance(given, str) else None
    raise UserError(where, f"{figure.name} is a share", got=given, allowed='a number from 0 to 1, or "90 %"', hint=hint)


def _target(name: str | None, figure: Judged, where: str, targets: Sequence[ProjectTarget]) -> ProjectTarget:
    names = [target.name for target in targets]
    if name is not None and name not in names:
        hint = did_you_mean(name, names)
        raise UserError(where, "is none of the targets that are searched", got=name, allowed=names, hint=hint)
    able = {target.name: target for target in targets if _has(target, figure)}
    if not able or (name is not None and name not in able):
        got = name or ", ".join(names)
        raise UserError(where, f"{got} has no {figure.name}: it is no microcontroller", hint="size is the .tflite file")
    return able[name or next(iter(able))]


def _has(target: ProjectTarget, figure: Judged) -> bool:
    return any(_can_have(target, each.path) for each in figure.figures)


def _can_have(target: ProjectTarget, path: tuple[str, ...]) -> bool:
    return target.board.is_microcontroller or path[0] not in ON_MICROCONTROLLERS
