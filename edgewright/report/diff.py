"""Two builds of the same target and model held against each other: what changed, and what changed too much.

A rule is written "flash>2%": the figure may grow by no more than 2 % of what it was; "metric<-0.5": it may fall by no
more than 0.5 points. Rules of sizes, times and counts are in per cent, those of the metric in points where it is a
share, else in its own unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from edgewright.errors import UserError, did_you_mean
from edgewright.metrics import ACCURACY, Terms
from edgewright.report import figures
from edgewright.report.budget import show_row
from edgewright.report.figures import Figure, Report
from edgewright.templates import markdown
from edgewright.text import plain

NAMES: Mapping[str, tuple[Figure, ...]] = {
    "metric": (figures.METRIC,),
    "size": (figures.SIZE,),
    "flash": (figures.FLASH,),
    "ram": (figures.RAM,),
    "latency": (figures.LATENCY, figures.INSTRUCTIONS),
    "estimate": (figures.ESTIMATE,),
}
"""What a rule may name: the first of the figures that both builds have. What was measured is held against what was
measured, and what was counted against what was counted."""

_RULE = re.compile(r"\s*([a-z_]+)\s*([<>])\s*([+-]?\d+(?:\.\d+)?)\s*(%?)\s*")


@dataclass(frozen=True)
class Rule:
    """How much a figure may change.

    Attributes:
        text: as it was written.
        name: a key of `NAMES`.
        above: whether more than `limit` is a breach; otherwise less than it.
        limit: in per cent of the figure before, of the metric in points or its unit.
    """

    text: str
    name: str
    above: bool
    limit: float


@dataclass(frozen=True)
class Change:
    """A figure of two builds.

    Attributes:
        build: target and model.
        figure: what it is.
        before, after: it in both; None where a build has none.
        broken: the rule that it breaks.
        terms: how the metric of the build is read.
    """

    build: str
    figure: Figure
    before: float | None
    after: float | None
    broken: Rule | None = None
    terms: Terms = ACCURACY

    @property
    def title(self) -> str:
        """The figure's name; of the metric its own."""
        return self.terms.title if self.figure is figures.METRIC else self.figure.title

    def text(self, value: float) -> str:
        """A value for people."""
        return self.terms.show(value) if self.figure is figures.METRIC else self.figure.show(value)

    @property
    def shown(self) -> str:
        """The change for people."""
        if self.before is None or self.after is None:
            return "-"
        if self.figure is figures.METRIC:
            return self.terms.difference(self.after - self.before, sign=True)
        return f"{100 * (self.after - self.before) / self.before:+.2f} %" if self.before else "-"


def rules(text: str) -> list[Rule]:
    """The rules of "flash>2%,latency>3%,metric<-0.5"; UserError for what is none."""
    return [_rule(part) for part in text.split(",") if part.strip()]


def _rule(text: str) -> Rule:
    found, where = _RULE.fullmatch(text), "--fail-on"
    if not found:
        raise UserError(where, "is no rule", got=text.strip(), hint="for instance flash>2%,latency>3%,metric<-0.5")
    name, sign, number, unit = found.groups()
    if name not in NAMES:
        raise UserError(where, "unknown figure", got=name, allowed=NAMES, hint=did_you_mean(name, list(NAMES)))
    if (name == "metric") == bool(unit):
        problem = "the metric changes in points, without %" if unit else "needs a % behind its number"
        raise UserError(where, problem, got=text.strip())
    return Rule(text.strip(), name, sign == ">", float(number))


def changes(before: Report | None, after: Report, limits: Sequence[Rule] = ()) -> list[Change]:
    """Every figure that a rule may name, of one build; `before` is None for a build that is new."""
    build, terms = f"{after['target']}/{after['model']}", figures.terms_of(after)
    found = []
    for name, choice in NAMES.items():
        figure = _common(choice, before, after)
        values = (figure.value(before) if before else None, figure.value(after))
        if values != (None, None):
            broken = next((rule for rule in limits if rule.name == name and _breaks(rule, figure, values, terms)), None)
            found.append(Change(build, figure, *values, broken, terms))
    return found


def _common(choice: Sequence[Figure], before: Report | None, after: Report) -> Figure:
    """The first figure that both have, else the first that the newer one has."""
    both = [f for f in choice if f.value(after) is not None and (before is None or f.value(before) is not None)]
    there = [f for f in choice if f.value(after) is not None]
    return (both or there or list(choice))[0]


def _breaks(rule: Rule, figure: Figure, values: tuple[float | None, float | None], terms: Terms) -> bool:
    before, after = values
    if before is None or after is None:
        return False
    change = after - before
    if figure is figures.METRIC:
        told = 100 * change if terms.share else change
    else:
        told = 100 * change / before if before else 0.0
    return told > rule.limit if rule.above else told < rule.limit


def as_markdown(found: Sequence[Change], reports: Sequence[Report]) -> str:
    """A comment for a pull request."""
    broken = [*_breaches(found), *_over_budget(reports)]
    head = "**Breached:** " + "; ".join(map(markdown, broken)) if broken else "No breach."
    lines = [head, "", "| build | figure | before | after | change | |", "|---|---|---:|---:|---:|---|"]
    for change in found:
        before, after = ("-" if value is None else change.text(value) for value in (change.before, change.after))
        words = (change.build, change.title, before, after, change.shown)
        mark = f"breaks {change.broken.text}" if change.broken else ""
        lines.append("| " + " | ".join(map(markdown, (*words, mark))) + " |")
    return "\n".join(lines) + "\n"


def as_json(found: Sequence[Change]) -> list[dict[str, Any]]:
    """The changes for programs: values as in the reports, and the rule that one breaks."""
    return [
        {
            "build": change.build,
            "figure": ".".join(change.figure.path),
            "title": change.title,
            "before": change.before,
            "after": change.after,
            "breaks": change.broken.text if change.broken else None,
        }
        for change in found
    ]


def _breaches(found: Sequence[Change]) -> list[str]:
    return [f"{c.build}: {c.title} {c.shown} ({c.broken.text})" for c in found if c.broken]


def _over_budget(reports: Sequence[Report]) -> Iterator[str]:
    for report in reports:
        for row in report["budget"]:
            if row["ok"] is False:
                value, limit, _ = show_row(row, report)
                yield f"{report['target']}/{report['model']}: budget {row['name']}: {value} of {limit}"


def breached(found: Sequence[Change], reports: Sequence[Report]) -> list[str]:
    """A line for each rule and each budget that is broken."""
    return [*_breaches(found), *_over_budget(reports)]


def as_junit(found: Sequence[Change], limits: Sequence[Rule], reports: Sequence[Report]) -> str:
    """JUnit XML: a case for each rule and for each budget of each build."""
    cases = [*_rule_cases(found, limits), *_budget_cases(reports)]
    failed = sum(text is not None for *_, text in cases)
    head = f'<testsuite name="edgewright diff" tests="{len(cases)}" failures="{failed}" errors="0" skipped="0">'
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *map(_case, cases), "</testsuite>"]) + "\n"


def _rule_cases(found: Sequence[Change], limits: Sequence[Rule]) -> Iterator[tuple[str, str, str | None]]:
    for change in found:
        for rule in limits:
            if change.figure in NAMES[rule.name]:
                text = f"{change.title} {change.shown}"
                yield change.build, rule.text, text if change.broken == rule else None


def _budget_cases(reports: Sequence[Report]) -> Iterator[tuple[str, str, str | None]]:
    for report in reports:
        for row in report["budget"]:
            value, limit, _ = show_row(row, report)
            text = f"{value} of {limit}" if row["ok"] is False else None
            yield f"{report['target']}/{report['model']}", f"budget {row['name']}", text


def _case(case: tuple[str, str, str | None]) -> str:
    build, name, failure = (None if text is None else plain(text) for text in case)
    start = f"  <testcase classname={quoteattr(str(build))} name={quoteattr(str(name))}"
    if failure is None:
        return f"{start}/>"
    return f"{start}><failure message={quoteattr(failure)}>{escape(failure)}</failure></testcase>"
