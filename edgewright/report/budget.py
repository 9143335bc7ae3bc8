"""Budgets: each limit of a target against the figure of the report, and what to say when one is broken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from edgewright.report.figures import (
    ESTIMATE,
    FLASH,
    FLOAT_METRIC,
    INSTRUCTIONS,
    LATENCY,
    METRIC,
    METRIC_LOSS,
    RAM,
    SIZE,
    Figure,
    Report,
    terms_of,
)
from edgewright.units import format_bytes, per_cent


@dataclass(frozen=True)
class _Rule:
    """How one budget is judged.

    Attributes:
        figures: what is held to the limit: the first of them that the report has.
        blame: what made the figure so bad, and what would help.
        show: how figure and limit are shown in a report.
    """

    figures: tuple[Figure, ...]
    blame: Callable[[Report], str]
    show: Callable[[float, Report], str]

    def least(self, report: Report) -> bool:
        """Whether the limit is a lower one."""
        return self.figures[0].more(report)

    def value(self, report: Report) -> float | None:
        """The figure in the report; None when the build has none."""
        values = (figure.value(report) for figure in self.figures)
        return next((value for value in values if value is not None), None)


def _count(value: float, _report: Report) -> str:
    return f"{value:,.0f} instructions"


def blame_slowest_layer(report: Report) -> str:
    """The layer that takes most, its share, and what would help."""
    layers = (report["latency"] or {}).get("layers") or []
    if not layers:
        return "fewer channels (prune_channels) or a smaller model would help"
    unit = "instructions" if "instructions" in layers[0] else "cycles"  # which a board's own counter counts
    slowest = max(layers, key=lambda layer: layer[unit])
    share = slowest[unit] / max(1, sum(layer[unit] for layer in layers))
    name = slowest["name"].split(";")[0]  # a fused layer carries the names of all its parts
    return f"{name} ({slowest['op']}) takes {share:.0%} of it; fewer channels there would help most"


def _blame_peak_layer(report: Report) -> str:
    ram = report["ram"] or {}
    if not ram.get("peak_layer"):
        return "see the RAM plan"
    told = f"the arena peaks in {ram['peak_layer']}; smaller maps or fewer channels there would help"
    if rows := ram.get("by_rows_bytes"):  # reports of earlier versions have none
        whole, less = format_bytes(ram["arena_bytes"]), format_bytes(rows)
        told += f'\n  [compile] input = "auto" would make the arena about {less} ({whole} today): rows come one by one'
    return told


def _blame_flash(report: Report) -> str:
    flash = report["flash"]
    part = "weights" if flash["weights_bytes"] > flash["code_bytes"] else "code"
    what = "remove channels or compress the weights" if part == "weights" else 'set [compile] optimize = "size"'
    return f"{format_bytes(flash[part + '_bytes'])} of it are {part}: {what}"


def _blame_step(report: Report) -> str:
    """Names the step at which accuracy fell most, as measured on validation data."""
    accuracy, terms = report["accuracy"], terms_of(report)
    before, worst, drop = accuracy["float_validation"], "quantize", 0.0
    for step in accuracy["steps"]:
        if before is not None and terms.loss(before, step["value"]) > drop:
            worst, drop = step["step"], terms.loss(before, step["value"])
        before = step["value"]
    lost = f"most of it was lost in {worst}" + (f" ({terms.difference(drop)} on validation data)" if drop else "")
    ends = accuracy.get("quantized_interval")
    sure = f"; on other examples it may be {terms.span(ends)} (95 %)" if ends else ""
    return lost + sure


_RULES: dict[str, _Rule] = {
    "size": _Rule((SIZE,), lambda _: "remove channels or layers", SIZE.text),
    "flash": _Rule((FLASH,), _blame_flash, FLASH.text),
    "ram": _Rule((RAM,), _blame_peak_layer, RAM.text),
    "latency": _Rule((LATENCY, ESTIMATE), blame_slowest_layer, LATENCY.text),
    "latency_instructions": _Rule((INSTRUCTIONS,), blame_slowest_layer, _count),
    "metric_loss": _Rule((METRIC_LOSS,), _blame_step, METRIC_LOSS.text),
    "metric": _Rule((METRIC,), _blame_step, METRIC.text),
}

BUDGETS = tuple(_RULES)
"""Their names."""

RENAMED = {"accuracy_loss": "metric_loss", "accuracy": "metric"}
"""How reports of earlier versions call some of them."""


def budget_rows(budget: Mapping[str, float | str | None], report: Report) -> list[dict[str, Any]]:
    """One row a limit: {"name", "limit", "value", "ok"}; None for "value" and "ok" when not measured.

    Args:
        budget: limits by name, in bytes, microseconds, instructions, and of the metric as `[budget]` has them.
        report: what they are held against.
    """
    rows = []
    for name, rule in _RULES.items():
        limit = in_terms(budget.get(name), report)
        if limit is None:
            continue
        value = rule.value(report)
        ok = None if value is None else (value >= limit if rule.least(report) else value <= limit)
        rows.append({"name": name, "limit": limit, "value": value, "ok": ok})
    return rows


def in_terms(limit: float | str | None, report: Report) -> float | None:
    """A limit as a number: one in per cent is in points of a share, else of the float model's value."""
    if not isinstance(limit, str):
        return limit
    value = 1.0 if terms_of(report).share else FLOAT_METRIC.value(report)
    return None if value is None else per_cent(limit) * abs(value)


def breaches(report: Report) -> list[str]:
    """A line for each budget that is broken: by how much, and what is to blame."""
    return [_breach(row, report) for row in report["budget"] if row["ok"] is False]


def _breach(row: Mapping[str, Any], report: Report) -> str:
    rule = _RULES[row["name"]]
    name, value, limit = row["name"], row["value"], row["limit"]
    over = abs(value - limit)

    def shown(number: float) -> str:
        return rule.show(number, report)

    relation = "under" if rule.least(report) else "over"
    place = f"{report['target']}/{report['model']}"
    return (
        f"{place}: budget {name}: {shown(value)} is {relation} the limit of {shown(limit)}"
        f" by {_over(name, over, report)}"
        f"\n  {rule.blame(report)}"
    )


def _over(name: str, over: float, report: Report) -> str:
    """By how much, for people; of a metric in its own terms."""
    return terms_of(report).difference(over) if name == "metric" else _RULES[name].show(over, report)


def bound(name: str, report: Report) -> str:
    """Whether the limit is "at least" or "at most"."""
    return "at least" if _RULES[name].least(report) else "at most"


def show_row(row: Mapping[str, Any], report: Report) -> tuple[str, str, str]:
    """Figure, limit and verdict of a budget row for people."""
    rule = _RULES[row["name"]]
    value = "not measured" if row["value"] is None else rule.show(row["value"], report)
    verdict = {True: "ok", False: "BROKEN", None: "-"}[row["ok"]]
    return value, rule.show(row["limit"], report), verdict
