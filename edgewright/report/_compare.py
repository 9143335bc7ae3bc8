"""Reports beside each other: the figures as rows, the builds as columns.

A figure stands in the row of its kind: what was measured, what was counted and what is estimated are never compared
with each other.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from edgewright.report.figures import COMPARED, Figure, Report
from edgewright.templates import render
from edgewright.text import lines

_NONE = "-"


@dataclass(frozen=True)
class Row:
    """A figure of all builds.

    Attributes:
        name: what it is.
        cells: it for people, one for each build; "-" where there is none.
        values: the same as numbers.
        best: indices of the best, when there are several to choose among.
    """

    name: str
    cells: tuple[str, ...]
    values: tuple[float | None, ...] = ()
    best: frozenset[int] = frozenset()

    def share(self, index: int) -> float | None:
        """The value as a fraction of the row's greatest; None where there is none."""
        greatest = max((value for value in self.values if value is not None), default=0.0)
        value = self.values[index] if self.values else None
        return None if value is None or not greatest else value / greatest


@dataclass(frozen=True)
class Comparison:
    """A table.

    Attributes:
        title: the model, or all of them.
        columns: names of the builds.
        facts: rows of words.
        figures: rows of numbers.
        notes: what a reader must know.
    """

    title: str
    columns: tuple[str, ...]
    facts: tuple[Row, ...]
    figures: tuple[Row, ...]
    notes: tuple[str, ...]


def compare(reports: Sequence[Report]) -> Comparison:
    """The table of some reports, of schema 1, in their order."""
    models = list(dict.fromkeys(report["model"] for report in reports))
    figures = [_row(figure, reports) for figure in COMPARED]
    return Comparison(
        ", ".join(models),
        _columns(reports, several=len(models) > 1),
        tuple(_facts(reports)),
        tuple(row for row in figures if any(value is not None for value in row.values)),
        tuple(_notes(reports, models)),
    )


def _columns(reports: Sequence[Report], *, several: bool) -> tuple[str, ...]:
    names = [f"{report['target']}/{report['model']}" if several else str(report["target"]) for report in reports]
    return tuple(name if names.count(name) == 1 else f"{name} ({index})" for index, name in enumerate(names, start=1))


def _facts(reports: Sequence[Report]) -> list[Row]:
    latencies = [report["latency"] or {} for report in reports]
    rows = [
        Row("board", tuple(str(report["board"]) for report in reports)),
        Row("runtime", tuple(str(report["runtime"]) for report in reports)),
        Row("device", tuple(str(latency.get("device") or latency.get("cpu") or _NONE) for latency in latencies)),
    ]
    return [*rows, Row("budget", tuple(_verdict(report) for report in reports))]


def _verdict(report: Report) -> str:
    broken = [row["name"] for row in report["budget"] if row["ok"] is False]
    if broken:
        return f"BROKEN: {', '.join(broken)}"
    return "kept" if report["budget"] else _NONE


def _row(figure: Figure, reports: Sequence[Report]) -> Row:
    values = tuple(figure.value(report) for report in reports)
    pairs = list(zip(values, reports, strict=True))
    cells = tuple(_NONE if value is None else figure.text(value, report) for value, report in pairs)
    names = {(figure.name(report), figure.more(report)) for value, report in pairs if value is not None}
    if len(names) > 1:  # metrics of their own, which nobody can hold against each other
        return Row(" or ".join(sorted(name for name, _ in names)), cells, values)
    name, more = next(iter(names), (figure.title, figure.more_is_better))
    return Row(name, cells, values, _best(values, more=more))


def _best(values: Sequence[float | None], *, more: bool) -> frozenset[int]:
    known = [value for value in values if value is not None]
    if len(set(known)) < 2:
        return frozenset()
    best = max(known) if more else min(known)
    return frozenset(index for index, value in enumerate(values) if value == best)


def _notes(reports: Sequence[Report], models: Sequence[str]) -> list[str]:
    notes = [f"These are {len(models)} different models."] if len(models) > 1 else []
    slowed = [(report["target"], (report["latency"] or {}).get("throttled")) for report in reports]
    notes += [f"{name}: the device was slowed down: {', '.join(reasons)}." for name, reasons in slowed if reasons]
    kinds = {(report["latency"] or {}).get("kind") for report in reports} - {None}
    if len(kinds) > 1:
        notes.append("Measured times and emulated instructions are different things: they stand in rows of their own.")
    return notes


def render_comparison(comparison: Comparison) -> str:
    """The table as text; the best figure of a row has a star."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    for name in comparison.columns:
        table.add_column(name, justify="right")
    for row in (*comparison.facts, *comparison.figures):
        table.add_row(row.name, *(f"{cell} *" if i in row.best else cell for i, cell in enumerate(row.cells)))
    file = io.StringIO()
    width = max(100, 30 * len(comparison.columns))
    console = Console(file=file, width=width, color_system=None, force_terminal=False, markup=False, emoji=False)
    console.print(comparison.title, highlight=False)
    console.print(table)
    for note in comparison.notes:
        console.print(note, highlight=False, soft_wrap=True)
    return "\n".join(line.rstrip() for line in lines(file.getvalue()).split("\n")).rstrip("\n") + "\n"


def render_page(comparison: Comparison) -> str:
    """The table as one HTML page that needs nothing besides."""
    return render("compare.html.j2", comparison=comparison)
