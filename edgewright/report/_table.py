"""The report as a table for a terminal."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from edgewright.report._budget import show_row
from edgewright.spec.units import format_bytes, format_microseconds

Report = Mapping[str, Any]
_WIDTH = 100


def render(report: Report) -> str:
    """The report as text of at most 100 columns; equal reports give equal text."""
    from rich.console import Console  # noqa: PLC0415 - only this stage pays for it

    console = Console(file=io.StringIO(), width=_WIDTH, color_system=None, force_terminal=False)
    console.print(f"{report['model']} on {report['target']}: {report['board']}, {report['runtime']}", highlight=False)
    console.print(_steps_table(report))
    for line in (*_device_lines(report), *_budget_lines(report)):
        console.print(line, highlight=False, soft_wrap=True)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def _steps_table(report: Report) -> Any:
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("step")
    for title in ("validation", "test", "weights", "non-zero", ".tflite", "gzip", _latency_title(report)):
        table.add_column(title, justify="right")
    for row in _rows(report):
        table.add_row(*row)
    return table


def _rows(report: Report) -> list[tuple[str, ...]]:
    accuracy, size = report["accuracy"] or {}, report["size"]
    rows = []
    if size["float_tflite_bytes"] is not None:
        rows.append(_row("float", accuracy.get("float_validation"), accuracy.get("float"), None, None, size["float_tflite_bytes"], size["float_tflite_gzip_bytes"], report["float_latency"]))
    for step in report["steps"]:
        rows.append(_row(step["step"], step["validation"], None, step["weights"], step["nonzero_weights"], step["float_tflite_bytes"], step["float_tflite_gzip_bytes"], step["latency"]))
    rows.append(_row("int8", None, accuracy.get("quantized"), size["weights"], size["nonzero_weights"], size["tflite_bytes"], size["tflite_gzip_bytes"], report["latency"]))
    return rows


def _row(
    step: str,
    validation: float | None,
    test: float | None,
    weights: int | None,
    nonzero: int | None,
    size: int | None,
    gzip: int | None,
    latency: Mapping[str, Any] | None,
) -> tuple[str, ...]:
    return (step, _percent(validation), _percent(test), _count(weights), _count(nonzero), _count(size), _count(gzip), _latency(latency))


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.2f} %"


def _count(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"


def _latency_title(report: Report) -> str:
    return "latency" if (report["latency"] or {}).get("kind") == "measured" else "instructions"


def _latency(latency: Mapping[str, Any] | None) -> str:
    if not latency:
        return "-"
    return format_microseconds(latency["latency_us"]) if latency["kind"] == "measured" else _count(latency["instructions"])


def _device_lines(report: Report) -> list[str]:
    lines = []
    if flash := report["flash"]:
        lines.append(
            f"flash    {format_bytes(flash['total_bytes'])}: code {format_bytes(flash['code_bytes'])}, "
            f"weights {format_bytes(flash['weights_bytes'])}"
        )
    if ram := report["ram"]:
        parts = ", ".join(f"{name} {format_bytes(ram[f'{name}_bytes'])}" for name in ("arena", "static", "stack"))
        peak = f"; peak in {ram['peak_layer']}" if ram.get("peak_layer") else ""
        lines.append(f"RAM      {format_bytes(ram['total_bytes'])}: {parts} ({ram['stack_kind']}){peak}")
    lines.append(_latency_line(report["latency"]))
    return lines


def _latency_line(latency: Mapping[str, Any] | None) -> str:
    if latency is None:
        return "latency  not measured: the target has no transport"
    runs = f"{latency['runs']} runs"
    if latency["kind"] == "measured":
        return f"latency  {format_microseconds(latency['latency_us'])} measured ({latency['cpu']}, median of {runs})"
    line = f"latency  {latency['instructions']:,} instructions an inference, emulated ({latency['cpu']}, {runs})"
    if latency.get("estimated_us") is not None:
        line += f"; estimated {format_microseconds(latency['estimated_us'])} at {latency['clock_hz'] / 1e6:g} MHz"
    return line


def _budget_lines(report: Report) -> list[str]:
    lines = []
    for index, row in enumerate(report["budget"]):
        value, limit, verdict = show_row(row)
        bound = "at least" if row["name"] == "accuracy" else "of"
        lines.append(f"{'budget' if index == 0 else '':<8} {row['name']}: {value} {bound} {limit}: {verdict}")
    return lines
