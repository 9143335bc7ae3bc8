"""What each step bought: accuracy against bytes and multiply-accumulates, from the float model to the device's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edgewright.metrics import Terms
from edgewright.report._quantization import lines as quantization_lines
from edgewright.report._quantization import scheme
from edgewright.report._table import Row, step_rows
from edgewright.report.figures import count, terms_of
from edgewright.report.page._build import Build
from edgewright.report.page._chart import Spec, axis, chart, tip
from edgewright.report.page._parts import Cell, Chart, Part, Section, Table, Text
from edgewright.units import format_bytes

_COLUMNS = ("step", "validation", "test", "MACs", "nonzero weights", ".tflite", "gzip", "instructions or time")


def section(build: Build) -> Section | None:
    """None for a model that somebody brought, which came in one step, and for several in one firmware."""
    if build.report["size"] is None:
        return None
    rows = list(step_rows(build.report))
    if len(rows) < 2:
        return None
    parts: list[Part] = [*_charts(build, rows), _table(rows)]
    parts += [Text(line.strip()) for line in quantization_lines(build.report)]
    return Section("steps", "Steps", parts)


def _charts(build: Build, rows: list[Row]) -> list[Chart]:
    points, terms = [_point(index, row, build) for index, row in enumerate(rows)], terms_of(build.report)
    bytes_known = [point for point in points if point["accuracy"] is not None and point["bytes"]]
    macs_known = [point for point in points if point["accuracy"] is not None and point["macs"]]
    title, way = terms.title.capitalize(), "Up" if terms.more_is_better else "Down"
    note = f"{way} is better, left is smaller; the line runs through the steps in their order."
    found = []
    if len(bytes_known) > 1:
        spec = _spec(bytes_known, ("bytes", "bytes, gzip"), terms)
        found.append(Chart(f"{title} against bytes", note, spec, half=True))
    if len({point["macs"] for point in macs_known}) > 1:
        found.append(Chart(f"{title} against MACs", note, _spec(macs_known, ("macs", "MACs"), terms), half=True))
    return found


def _point(index: int, row: Row, build: Build) -> dict[str, Any]:
    judged: Mapping[str, Any] = (build.report.get("quantization") or {}).get("validation") or {}
    last = row.step == scheme(build.report) and row.validation is None
    accuracy = judged.get("quantized") if last else row.validation
    return {"order": index, "step": row.step, "accuracy": accuracy, "bytes": row.gzip_bytes, "macs": row.macs}


def _spec(points: list[dict[str, Any]], across_: tuple[str, str], terms: Terms) -> Spec:
    field, title = across_
    form = ".1%" if terms.share else ".4~g"
    across = axis(
        field, title, axis={"format": "~s", "tickCount": 5}, scale={"zero": False, "nice": True, "padding": 24}
    )
    unit = f" ({terms.unit})" if terms.unit else ""
    told = f"{terms.title}{unit}, validation data"
    up = axis("accuracy", told, axis={"format": form, "tickCount": 5}, scale={"zero": False, "padding": 18})
    place = {"x": across, "y": up}
    tips = tip(("step", "step"), ("accuracy", terms.title, ".2%" if terms.share else ".4g"), (field, title, ","))
    return chart(
        points,
        260,
        encoding=place,
        layer=[
            {
                "mark": {"type": "line", "color": "var(--soft)", "strokeDash": [4, 3]},
                "encoding": {"order": {"field": "order"}},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 110, "color": "var(--c1)"},
                "encoding": {"tooltip": tips},
            },
            {"mark": {"type": "text", "dy": -13}, "encoding": {"text": {"field": "step"}}},
        ],
    )


def _table(rows: list[Row]) -> Table:
    cells = [[Cell(row.step), *(Cell(*pair) for pair in _figures(row))] for row in rows]
    return Table("The steps", _COLUMNS, cells, frozenset(range(1, len(_COLUMNS))))


def _figures(row: Row) -> list[tuple[str, float | None]]:
    stored = row.int8_bytes if row.int8_bytes is not None else row.float_bytes
    figure = (row.latency or {}).get("instructions", (row.latency or {}).get("latency_us"))
    sizes = [(format_bytes(size) if size else "-", size) for size in (stored, row.gzip_bytes)]
    numbers = [(count(number), number) for number in (row.macs, row.nonzero_weights)]
    shares = list(zip(row.worth(), (row.validation, row.test), strict=True))
    return [*shares, *numbers, *sizes, (row.latency_text(), figure)]
