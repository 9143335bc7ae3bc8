"""Budgets: each limit of a target against the figure of the report, and what to say when one is broken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from edgewright.report.figures import (
    ACCURACY,
    ACCURACY_LOSS,
    ESTIMATE,
    FLASH,
    INSTRUCTIONS,
    LATENCY,
    RAM,
    SIZE,
    Figure,
    Report,
    points,
)
from edgewright.units import format_bytes


@dataclass(frozen=True)
class _Rule:
    """How one budget is judged.

    Attributes:
        figures: what is held to the limit: the first of them that the report has.
        blame: what made the figure so bad, and what would help.
        show: how figure and limit are shown, where not as the figure is.
    """

    figures: tuple[Figure, ...]
    blame: Callable[[Report], str]
    show: Callable[[float], str]

    @property
    def least(self) -> bool:
        """Whether the limit is a lower one."""
        return self.figures[0].more_is_better

    def value(self, report: Report) -> float | None:
        """The figure in the report; None when the build has none."""
        values = (figure.value(report) for figure in self.figures)
        return next((value for value in values if value is not None), None)


def _count(value: float) -> str:
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
    peak = (report["ram"] or {}).get("peak_layer")
    return f"the arena peaks in {peak}; smaller maps or fewer channels there would help" if peak else "see the RAM plan"


def _blame_flash(report: Report) -> str:
    flash = report["flash"]
    part = "weights" if flash["weights_bytes"] > flash["code_bytes"] else "code"
    what = "remove channels or compress the weights" if part == "weights" else 'set [compile] optimize = "size"'
    return f"{format_bytes(flash[part + '_bytes'])} of it are {part}: {what}"


def _blame_step(report: Report) -> str:
    """Names the step at which accuracy fell most, as measured on validation data."""
    accuracy = report["accuracy"]
    before, worst, drop = accuracy["float_validation"], "quantize", 0.0
    for step in accuracy["steps"]:
        if before is not None and before - step["value"] > drop:
            worst, drop = step["step"], before - step["value"]
        before = step["value"]
    return f"most of it was lost in {worst}" + (f" ({points(drop)} on validation data)" if drop else "")


_RULES: dict[str, _Rule] = {
    "size": _Rule((SIZE,), lambda _: "remove channels or layers", SIZE.show),
    "flash": _Rule((FLASH,), _blame_flash, FLASH.show),
    "ram": _Rule((RAM,), _blame_peak_layer, RAM.show),
    "latency": _Rule((LATENCY, ESTIMATE), blame_slowest_layer, LATENCY.show),
    "latency_instructions": _Rule((INSTRUCTIONS,), blame_slowest_layer, _count),
    "metric_loss": _Rule((ACCURACY_LOSS,), _blame_step, points),
    "metric": _Rule((ACCURACY,), _blame_step, points),
}

BUDGETS = tuple(_RULES)
"""Their names."""

RENAMED = {"accuracy_loss": "metric_loss", "accuracy": "metric"}
"""How reports of earlier versions call some of them."""


def budget_rows(budget: Mapping[str, float | None], report: Report) -> list[dict[str, Any]]:
    """One row a limit: {"name", "limit", "value", "ok"}; None for "value" and "ok" when not measured."""
    rows = []
    for name, rule in _RULES.items():
        limit = budget.get(name)
        if limit is None:
            continue
        value = rule.value(report)
        ok = None if value is None else (value >= limit if rule.least else value <= limit)
        rows.append({"name": name, "limit": limit, "value": value, "ok": ok})
    return rows


def breaches(report: Report) -> list[str]:
    """A line for each budget that is broken: by how much, and what is to blame."""
    return [_breach(row, report) for row in report["budget"] if row["ok"] is False]


def _breach(row: Mapping[str, Any], report: Report) -> str:
    rule = _RULES[row["name"]]
    name, value, limit = row["name"], row["value"], row["limit"]
    over = abs(value - limit)
    relation = "under" if rule.least else "over"
    place = f"{report['target']}/{report['model']}"
    return (
        f"{place}: budget {name}: {rule.show(value)} is {relation} the limit of {rule.show(limit)} by {rule.show(over)}"
        f"\n  {rule.blame(report)}"
    )


def show_row(row: Mapping[str, Any]) -> tuple[str, str, str]:
    """Figure, limit and verdict of a budget row for people."""
    rule = _RULES[row["name"]]
    value = "not measured" if row["value"] is None else rule.show(row["value"])
    verdict = {True: "ok", False: "BROKEN", None: "-"}[row["ok"]]
    return value, rule.show(row["limit"]), verdict
