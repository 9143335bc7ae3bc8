"""The head of a build's page: the verdict, and the figures that decide it, as tiles with their budgets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from edgewright.report import figures
from edgewright.report.budget import bound, breaches, show_row
from edgewright.report.figures import Report
from edgewright.report.page._parts import Tile
from edgewright.report.page._sources import SOURCES, Source

_TILES = (figures.METRIC, figures.SIZE, figures.FLASH, figures.RAM, figures.LATENCY, figures.INSTRUCTIONS)
_MORE = (figures.ESTIMATE,)
_BUDGETS = {
    "size": figures.SIZE,
    "flash": figures.FLASH,
    "ram": figures.RAM,
    "latency_instructions": figures.INSTRUCTIONS,
    "metric": figures.METRIC,
    "metric_loss": figures.METRIC,
}
"""The tile that a budget belongs to; that of latency goes by what there is, a measurement or an estimate."""


def verdict(report: Report) -> tuple[str, str]:
    """In words, and as a state."""
    rows = report["budget"]
    broken = [row["name"] for row in rows if row["ok"] is False]
    unknown = [row["name"] for row in rows if row["ok"] is None]
    if broken:
        return f"Over budget: {', '.join(broken)}", "bad"
    if unknown:
        return f"Within budget as far as is known; not measured: {', '.join(unknown)}", ""
    return (f"Within budget: {', '.join(row['name'] for row in rows)}", "good") if rows else ("No budget is set", "")


def blame(report: Report) -> list[str]:
    """For each broken budget its name, what made it so, and what would help."""
    names = [row["name"] for row in report["budget"] if row["ok"] is False]
    lines = [line.split("\n  ", 1)[-1].strip() for line in breaches(report)]
    return [f"{name}: {line}" for name, line in zip(names, lines, strict=True)]


def tiles(report: Report) -> list[Tile]:
    """The figures that there are."""
    return list(_tiles(report))


def _tiles(report: Report) -> Iterator[Tile]:
    for source in SOURCES:
        value = source.figure.value(report)
        if value is not None and source.figure in (*_TILES, *_MORE):
            yield _tile(source, value, report)


def _tile(source: Source, value: float, report: Report) -> Tile:
    rows = [row for row in report["budget"] if _belongs(row["name"], source, report)]
    note = source.note(report)
    if source.figure is figures.METRIC and (loss := figures.METRIC_LOSS.value(report)) is not None:
        note = f"{_beside(report, loss)}; {note}"
    title, kind = source.figure.name(report).split(",")[0], source.how(report)
    tile = Tile(title, source.figure.text(value, report), kind, note)
    return _held(tile, rows[0], report) if rows else tile


def _beside(report: Report, loss: float) -> str:
    """The metric beside the float model's."""
    terms, both = figures.terms_of(report), report["accuracy"]
    float_value = terms.show(both["float"])
    if terms.show(both["quantized"]) == float_value:
        return "the same as the float model's"
    side = "below" if (loss > 0) == terms.more_is_better else "above"
    return f"{terms.difference(abs(loss))} {side} the float model's {float_value}"


def _belongs(name: str, source: Source, report: Report) -> bool:
    if name == "latency":
        measured = figures.LATENCY.value(report) is not None
        return source.figure is (figures.LATENCY if measured else figures.ESTIMATE)
    return _BUDGETS.get(name) is source.figure


def _held(tile: Tile, row: Mapping[str, Any], report: Report) -> Tile:
    _, limit, word = show_row(row, report)
    state = {True: "good", False: "bad"}.get(row["ok"], "")
    what = "to lose " if row["name"] == "metric_loss" else ""
    text = f"budget: {what}{bound(row['name'], report)} {limit}, {word.lower()}"
    return Tile(tile.title, tile.value, tile.kind, tile.note, used(row, report), state, text)


def used(row: Mapping[str, Any], report: Report) -> float | None:
    """The share of a budget that is used, at most 1; of a lower limit, how near the figure is to it."""
    value: float | None = row["value"]
    limit: float = row["limit"]
    if value is None or not limit:
        return None
    share = limit / value if bound(row["name"], report) == "at least" and value else value / limit
    return max(0.0, min(1.0, share))
