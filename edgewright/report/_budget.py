"""Budgets: each limit of a target against the figure of the report, and what to say when one is broken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from edgewright.units import format_bytes, format_microseconds

Report = Mapping[str, Any]


@dataclass(frozen=True)
class _Rule:
    """How one budget is judged.

    Attributes:
        value: the figure in the report; None when the build has none.
        show: a figure for people.
        blame: what made the figure so large, and what would help.
        least: the limit is a lower one.
    """

    value: Callable[[Report], float | None]
    show: Callable[[float], str]
    blame: Callable[[Report], str]
    least: bool = False


def _lookup(*keys: str) -> Callable[[Report], float | None]:
    def value(report: Report) -> float | None:
        found: Any = report
        for key in keys:
            found = found.get(key) if found else None
        return None if found is None else float(found)

    return value


def _latency_us(report: Report) -> float | None:
    return _lookup("latency", "latency_us")(report) or _lookup("latency", "estimated_us")(report)


def _accuracy_loss(report: Report) -> float | None:
    accuracy = report["accuracy"]
    return None if accuracy is None else round(accuracy["float"] - accuracy["quantized"], 6)


def _points(value: float) -> str:
    return f"{100 * value:.2f} points"


def _count(value: float) -> str:
    return f"{value:,.0f} instructions"


def _blame_slowest_layer(report: Report) -> str:
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
    return f"most of it was lost in {worst}" + (f" ({_points(drop)} on validation data)" if drop else "")


_RULES: dict[str, _Rule] = {
    "size": _Rule(_lookup("size", "tflite_bytes"), format_bytes, lambda _: "remove channels or layers"),
    "flash": _Rule(_lookup("flash", "total_bytes"), format_bytes, _blame_flash),
    "ram": _Rule(_lookup("ram", "total_bytes"), format_bytes, _blame_peak_layer),
    "latency": _Rule(_latency_us, format_microseconds, _blame_slowest_layer),
    "latency_instructions": _Rule(_lookup("latency", "instructions"), _count, _blame_slowest_layer),
    "accuracy_loss": _Rule(_accuracy_loss, _points, _blame_step),
    "accuracy": _Rule(_lookup("accuracy", "quantized"), _points, _blame_step, least=True),
}


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
