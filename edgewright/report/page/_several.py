"""The page of all builds: a table to sort and filter, what they cost against what they are worth, and their history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from edgewright.report import figures
from edgewright.report.figures import Figure, Report, percent
from edgewright.report.history import FIGURES
from edgewright.report.page import _head, _history, _search
from edgewright.report.page._build import Json
from edgewright.report.page._chart import Spec, axis, chart, series, tip
from edgewright.report.page._parts import Cell, Chart, Page, Part, Section, Table, Text
from edgewright.report.page._sources import HOW, interval_of, present

_COSTS = (figures.SIZE, figures.FLASH, figures.RAM, figures.LATENCY, figures.INSTRUCTIONS, figures.ESTIMATE)

_LINES = 160
"""Of history in all: the page stays light however many builds it shows."""


@dataclass(frozen=True)
class Entry:
    """A build of the page.

    Attributes:
        report: report.json.
        link: to its own page, relative to this one; None when there is none.
        command: what builds it again.
        history: its lines of the project's history.
    """

    report: Report
    link: str | None
    command: str
    history: Sequence[Json] = field(default_factory=tuple)

    @property
    def name(self) -> str:
        """Target and model."""
        return f"{self.report['target']} / {self.report['model']}"


def overview_of(entries: Sequence[Entry], searches: Sequence[Json] = ()) -> Page:
    """The page of some builds, and of searches."""
    broken = sum(_head.verdict(entry.report)[1] == "bad" for entry in entries)
    number = len(entries)
    builds = f"{number} build" if number == 1 else f"{number} builds"
    text = f"{broken} of {builds} over budget" if broken else f"{builds}, none over budget"
    found = [_builds(entries), _trade(entries), _search.section(searches), _all_history(entries), _sources(entries)]
    return Page(
        title=", ".join(dict.fromkeys(str(entry.report["model"]) for entry in entries)),
        subtitle=", ".join(dict.fromkeys(str(entry.report["target"]) for entry in entries)),
        verdict=text,
        state="bad" if broken else "good",
        sections=[section for section in found if section],
        foot="Edgewright",
    )


def _builds(entries: Sequence[Entry]) -> Section:
    costs = [figure for figure in _COSTS if any(figure.value(entry.report) is not None for entry in entries)]
    columns = ("target", "model", "verdict", "metric", *(figure.title for figure in costs), "budgets, share used")
    rows = [_row(entry, costs) for entry in entries]
    numbers = frozenset(range(3, len(columns) - 1))
    notes = (
        "A model's name leads to the page of its build. Metric: on the device, with its 95 % interval, and float.",
    )
    table = Table("Builds", columns, rows, numbers, filters=True, notes=notes, cards=True)
    blamed = [f"{entry.name}: {line}" for entry in entries for line in _head.blame(entry.report)]
    parts: list[Part] = [table, *(Text(line) for line in blamed)]
    return Section("builds", "Builds", parts)


def _row(entry: Entry, costs: Sequence[Figure]) -> list[Cell]:
    report = entry.report
    names = [Cell(str(report["target"]), more=str(report["board"])), Cell(str(report["model"]), link=entry.link)]
    return [*names, _verdict(report), _accuracy(report), *(_cost(figure, report) for figure in costs), _budgets(report)]


def _accuracy(report: Report) -> Cell:
    value = figures.METRIC.value(report)
    if value is None:
        return Cell("-")
    terms, ends = figures.terms_of(report), interval_of(report)
    name = "" if terms.title == "accuracy" else f"{terms.title}, "
    spread = f"{terms.span(ends)}; " if ends else ""
    return Cell(terms.show(value), value, more=f"{name}{spread}float {terms.show(report['accuracy']['float'])}")


def _cost(figure: Figure, report: Report) -> Cell:
    value = figure.value(report)
    return Cell("-") if value is None else Cell(figure.show(value), value)


def _budgets(report: Report) -> Cell:
    """The fullest budget decides the order; all of them are bars."""
    bars = [_bar(row, report) for row in report["budget"]]
    fullest = max((share for _, share, _ in bars if share is not None), default=None)
    return Cell("" if bars else "none", fullest, bars=tuple(bars))


def _bar(row: Json, report: Report) -> tuple[str, float | None, bool | None]:
    share = _head.used(row, report)
    name = str(row["name"]).replace("_", " ")
    return f"{name} {'not measured' if share is None else f'{share:.0%}'}", share, row["ok"]


def _verdict(report: Report) -> Cell:
    _, state = _head.verdict(report)
    rows = report["budget"]
    text = {"good": "pass", "bad": "fail"}.get(state, "unknown" if rows else "-")
    order = {"bad": 0.0, "": 1.0, "good": 2.0}
    return Cell(text, order[state], state=state)


def _trade(entries: Sequence[Entry]) -> Section | None:
    """Accuracy against each cost, where there are builds enough to compare."""
    charts = [found for figure in _COSTS if (found := _against(figure, entries))]
    return Section("trade", "Trade-offs", charts) if charts else None


def _against(figure: Figure, entries: Sequence[Entry]) -> Chart | None:
    rows: list[dict[str, Any]] = [
        {
            "build": entry.name,
            "model": str(entry.report["model"]),
            "cost": figure.value(entry.report),
            "shown": figure.show(figure.value(entry.report) or 0),
            "accuracy": figures.METRIC.value(entry.report),
        }
        for entry in entries
        if figure.value(entry.report) is not None
        and figures.METRIC.value(entry.report) is not None
        and figures.terms_of(entry.report).share  # metrics of another kind have no place on the same axis
    ]
    if len({row["cost"] for row in rows}) < 2:
        return None
    cells = [[Cell(r["build"]), Cell(percent(r["accuracy"]), r["accuracy"]), Cell(r["shown"], r["cost"])] for r in rows]
    table = Table(figure.title, ("build", "accuracy", figure.title), cells, frozenset({1, 2}))
    others = any(not figures.terms_of(entry.report).share for entry in entries if entry.report["accuracy"])
    left = " Models whose metric is no share of examples are left out." if others else ""
    note = f"Up is more accurate, left costs less. A build with another above it to its left is beaten.{left}"
    return Chart(f"Accuracy against {figure.title}", note, _scatter(rows, figure), table, half=True)


def _scatter(rows: Sequence[dict[str, Any]], figure: Figure) -> Spec:
    title = f"{figure.title} ({figure.unit})" if figure.unit else figure.title
    models = list(dict.fromkeys(row["model"] for row in rows))
    place = {
        "x": axis("cost", title, axis={"format": "~s", "tickCount": 5}, scale={"zero": False, "padding": 20}),
        "y": axis("accuracy", "accuracy on the device", axis={"format": ".1%"}, scale={"zero": False, "padding": 16}),
    }
    look = {"field": "model", "type": "nominal", "title": None}
    tips = tip(("build", "build"), ("accuracy", "accuracy", ".2%"), ("shown", figure.title))
    mark = {"type": "point", "filled": True, "size": 100}
    shape = {
        "color": {**look, "scale": series(models)},
        "shape": {**look, "scale": {"domain": models}},
        "tooltip": tips,
    }
    names = {"mark": {"type": "text", "dy": -12, "fontSize": 11}, "encoding": {"text": {"field": "build"}}}
    return chart(
        rows, 280, encoding=place, layer=[{"mark": mark, "encoding": shape}, *([names] if len(rows) <= 6 else [])]
    )


def _all_history(entries: Sequence[Entry]) -> Section | None:
    lines = [(entry.name, line) for entry in entries for line in entry.history]
    if not lines:
        return None
    most = max(3, _LINES // len(entries))
    charts = [chart for key in FIGURES for chart in _over_time(key, entries, most)]
    tables = [
        _history.table(entry.history, f"The last builds of {entry.name}", most) for entry in entries if entry.history
    ]
    return Section("history", "History", [*charts, *tables])


def _over_time(key: str, entries: Sequence[Entry], most: int) -> list[Chart]:
    rows = []
    for entry in entries:
        rows += _history.points(key, entry.history, entry.name, most)
    if max((row["build"] for row in rows), default=0) < 2:
        return []
    return _history.charts_of(rows, [entry.name for entry in entries])


def _sources(entries: Sequence[Entry]) -> Section:
    rows = list(_origins(entries))
    columns = ("build", "figure", "value", "how", "of what", "command that makes it again")
    table = Table("Figures", columns, rows, frozenset({2}), filters=True, code=frozenset({5}))
    words = Table("The words", ("how", "what it means"), [[Cell(word), Cell(text)] for word, text in HOW.items()])
    return Section("sources", "Sources", [table, words])


def _origins(entries: Sequence[Entry]) -> Iterator[list[Cell]]:
    for entry in entries:
        for source, value in present(entry.report):
            shown = Cell(source.figure.text(value, entry.report), value)
            how, of = Cell(source.how(entry.report)), Cell(source.note(entry.report) or "-")
            yield [
                Cell(entry.name),
                Cell(source.figure.name(entry.report)),
                shown,
                how,
                of,
                Cell(f"{entry.command} {source.goal}"),
            ]
