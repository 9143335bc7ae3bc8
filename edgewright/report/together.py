"""Models in one firmware: a report with its figures beside those of each model alone, and a table for a terminal."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from edgewright.report.budget import budget_rows, show_row
from edgewright.report.build import SCHEMA
from edgewright.report.figures import Report, count
from edgewright.text import lines
from edgewright.units import format_bytes

_WIDTH = 100
_FLASH = ("code_bytes", "weights_bytes", "total_bytes")
_RAM = ("arena_bytes", "static_bytes", "stack_bytes", "total_bytes")


def build_together(
    facts: Mapping[str, Any],
    reports: Mapping[str, Report],
    firmware: Mapping[str, Any],
    latencies: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """The report of a group: that of a model alone (docs/report.md), with `models` besides.

    Args:
        facts: "target", "model" (the name of the whole), "board", "budget".
        reports: of each model alone, by name.
        firmware: firmware.json of the common image.
        latencies: latency.json of each model in it, by name; empty where nothing measures.
    """
    seen = [each.get("stack_bytes") for each in latencies.values()]
    alone = {key: value for report in reversed(list(reports.values())) for key, value in report["tools"].items()}
    report: dict[str, Any] = {
        "schema": SCHEMA,
        **{key: facts[key] for key in ("target", "model", "board")},
        "runtime": next(iter(reports.values()))["runtime"],
        **dict.fromkeys(("import", "accuracy", "size", "transmit", "quantization", "weights", "float_latency")),
        "steps": [],
        "models": [_alone(name, report, latencies.get(name)) for name, report in reports.items()],
        "flash": dict(firmware["flash"]),
        "ram": _with_stack(firmware, seen),
        "latency": _in_turn(list(latencies.values())) if len(latencies) == len(reports) else None,
    }
    report["budget"] = budget_rows(facts["budget"], report)
    return {**report, "artifacts": dict(sorted(firmware["files"].items())), "tools": dict(sorted(alone.items()))}


_SUMMED = ("instructions", "latency_us", "estimated_cycles", "estimated_us")


def _in_turn(latencies: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """One inference of each model, one after another; None where they were got in ways that do not add up."""
    first, *others = latencies
    same = ("kind", "cpu", "clock_hz", "stand_in", "device")
    if any(other.get(key) != first.get(key) for other in others for key in same):
        return None
    told = {key: first[key] for key in same if key in first}
    sums = {key: sum(each[key] for each in latencies) for key in _SUMMED if all(each.get(key) for each in latencies)}
    return {**told, **sums, "runs": min(each["runs"] for each in latencies)}


def _with_stack(firmware: Mapping[str, Any], seen: Sequence[int | None]) -> dict[str, Any]:
    """The RAM with the deepest stack that was seen, where one was: models run in turn, on one stack."""
    ram, known = firmware["ram"], [size for size in seen if size is not None]
    deepest = max(known, default=ram["stack_bytes"])
    kind = "emulated" if known else firmware.get("stack_kind", "estimated")
    total = ram["arena_bytes"] + ram["static_bytes"] + (deepest or 0)
    return {**ram, "stack_bytes": deepest, "total_bytes": total, "stack_kind": kind}


def _alone(name: str, report: Report, latency: Mapping[str, Any] | None) -> dict[str, Any]:
    """A model by itself, and what its inference takes here and there."""
    return {
        "name": name,
        "flash": {key: report["flash"][key] for key in _FLASH},
        "ram": {key: report["ram"][key] for key in _RAM},
        "latency": report["latency"],
        "latency_together": None if latency is None else dict(latency),
    }


def render_together(figures: Mapping[str, Any]) -> str:
    """The figures as text of at most 100 columns."""
    from rich.console import Console  # only this stage pays for it

    file = io.StringIO()
    console = Console(file=file, width=_WIDTH, color_system=None, force_terminal=False, markup=False, emoji=False)
    names = " and ".join(model["name"] for model in figures["models"])
    console.print(f"{names} together on {figures['target']}: {figures['board']}, one firmware", highlight=False)
    console.print(_table(figures))
    for row in figures["budget"]:
        value, limit, verdict = show_row(row, figures)
        console.print(f"budget   {row['name']}: {value} of {limit}: {verdict}", highlight=False, soft_wrap=True)
    return "\n".join(line.rstrip() for line in lines(file.getvalue()).split("\n")).rstrip("\n") + "\n"


def _table(figures: Mapping[str, Any]) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("bytes")
    for title in ("flash", "code", "weights", "RAM", "arena", "stack", "an inference alone", "together"):
        table.add_column(title, justify="right")
    for cells in _rows(figures):
        table.add_row(*cells)
    return table


def _rows(figures: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    models = figures["models"]
    for model in models:
        costs = (_cost(model["latency"]), _cost(model["latency_together"]))
        yield (f"{model['name']} alone", *_sizes(model), *costs)
    flash = {key: sum(model["flash"][key] for model in models) for key in _FLASH}
    ram = {key: sum(model["ram"][key] or 0 for model in models) for key in _RAM}
    yield ("sum", *_sizes({"flash": flash, "ram": ram}), "", "")
    yield ("together", *_sizes(figures), "", "")


def _sizes(of: Mapping[str, Any]) -> tuple[str, ...]:
    flash, ram = of["flash"], of["ram"]
    found = (flash["total_bytes"], flash["code_bytes"], flash["weights_bytes"])
    return tuple(map(count, (*found, ram["total_bytes"], ram["arena_bytes"], ram["stack_bytes"])))


def _cost(latency: Mapping[str, Any] | None) -> str:
    if latency is None:
        return "-"
    if latency["kind"] == "emulated":
        return f"{latency['instructions']:,} instr."
    return f"{latency['latency_us']:,.0f} us"


def headline(figures: Mapping[str, Any]) -> str:
    """The result in one line."""
    flash, ram = figures["flash"]["total_bytes"], figures["ram"]["total_bytes"]
    return f"{figures['model']}: flash {format_bytes(flash)}, RAM {format_bytes(ram)}"
