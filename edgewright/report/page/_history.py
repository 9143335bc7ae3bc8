"""The figures over the last builds and commits, a line each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from edgewright.report.figures import METRIC, terms_of
from edgewright.report.history import FIGURES, as_report, commit_of, text_of
from edgewright.report.page._build import Json
from edgewright.report.page._chart import Spec, axis, chart, series, tip
from edgewright.report.page._parts import Cell, Chart, Section, Table, Text

_THIS = "this build"
_LARGE = 10_000
_MOST = 60  # builds that a person can tell apart in a line


def section(lines: Sequence[Json]) -> Section | None:
    """None before the first build is recorded."""
    if not lines:
        return None
    shown = table(lines, "The last builds")
    if len(lines) == 1:
        return Section("history", "History", [Text("This is the first build that is recorded."), shown])
    found = (points(key, lines, _THIS) for key in FIGURES)
    charts = [chart for rows in found for chart in charts_of(rows, [_THIS])]
    return Section("history", "History", [*charts, shown])


def points(key: str, lines: Sequence[Json], of: str, most: int = _MOST) -> list[dict[str, Any]]:
    """A figure of the last `most` lines; `of` names the build that they are of."""
    figure = FIGURES[key]
    numbered = list(enumerate(lines, start=1))[-most:]
    return [
        {
            "of": of,
            "build": number,
            "commit": commit_of(line),
            "date": line.get("date") or "-",
            "value": value,
            "text": text_of(figure, value, line),
            "title": figure.name(as_report(line)),
            "unit": figure.unit or (terms_of(as_report(line)).unit if figure is METRIC else ""),
            "better": "more" if figure.more(as_report(line)) else "less",
        }
        for number, line in numbered
        if (value := line["figures"].get(key)) is not None
    ]


def charts_of(rows: Sequence[dict[str, Any]], names: Sequence[str]) -> list[Chart]:
    """A figure over time; of the metric a chart for each that there is. A table of the same section has the figures.

    Args:
        rows: of `points`.
        names: the builds that they are of.
    """
    titles = dict.fromkeys(row["title"] for row in rows)
    parts = [[row for row in rows if row["title"] == title] for title in titles]
    return [_chart(part, [name for name in names if any(row["of"] == name for row in part)]) for part in parts]


def _chart(rows: Sequence[dict[str, Any]], names: Sequence[str]) -> Chart:
    title, better = rows[-1]["title"], rows[-1]["better"]
    last = f"The last is {rows[-1]['text']}. " if len(names) == 1 else ""
    note = f"{last}{better.capitalize()} is better."
    return Chart(title, note, _spec(rows, title, names), half=True)


def _spec(rows: Sequence[dict[str, Any]], title: str, names: Sequence[str]) -> Spec:
    ticks = {"format": "d", "tickMinStep": 1, "grid": False}
    plain = ".4~g" if max(abs(row["value"]) for row in rows) < _LARGE else "~s"
    form = ".1%" if rows[0]["text"].endswith("%") else plain
    place: Spec = {
        "x": axis("build", "build", axis=ticks, scale={"nice": False, "padding": 10}),
        "y": axis("value", rows[-1]["unit"] or None, axis={"format": form, "tickCount": 4}, scale={"zero": False}),
        "tooltip": tip(("of", "of"), ("build", "build"), ("commit", "commit"), ("date", "date"), ("text", title)),
    }
    if len(names) > 1:
        place["color"] = {"field": "of", "type": "nominal", "title": None, "scale": series(names)}
        place["strokeDash"] = {"field": "of", "type": "nominal", "title": None, "legend": None}
    mark = {"type": "line", "interpolate": "step-after", "point": {"size": 40}, "color": "var(--c1)"}
    return chart(rows, 170, mark=mark, encoding=place)


def table(lines: Sequence[Json], title: str, most: int = _MOST) -> Table:
    """All figures of the last `most` builds, the newest first."""
    shown = list(enumerate(lines, start=1))[-most:]
    keys = [key for key in FIGURES if any(line["figures"].get(key) is not None for _, line in shown)]
    rows = [_row(number, line, keys) for number, line in reversed(shown)]
    columns = ("build", "commit", "date", *(FIGURES[key].name(as_report(lines[-1])) for key in keys))
    return Table(title, columns, rows, frozenset({0, *range(3, len(columns))}), filters=len(rows) > 8)


def _row(number: int, line: Json, keys: Sequence[str]) -> list[Cell]:
    found = [(FIGURES[key], line["figures"].get(key)) for key in keys]
    cells = [Cell("-") if value is None else Cell(text_of(figure, value, line), value) for figure, value in found]
    return [Cell(str(number), number), Cell(commit_of(line)), Cell(str(line.get("date") or "-")), *cells]
