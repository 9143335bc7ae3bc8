"""The memory plan: time across, addresses up, and what RAM and flash are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edgewright.report.page._build import Build, Json
from edgewright.report.page._chart import COLOURS, Spec, axis, chart, tip
from edgewright.report.page._parts import Cell, Chart, Part, Section, Table, Text
from edgewright.units import format_bytes

_MOST_TICKS = 40
_COLOURS = tuple(colour for colour in COLOURS if colour != "var(--c2)")  # which is for what is worst
_HEIGHT = 360


def section(build: Build) -> Section | None:
    """None where the memory is planned by a runtime on the device."""
    ram, flash = build.report["ram"], build.report["flash"]
    if build.plan is None and ram is None:
        return None
    parts: list[Part] = []
    if build.plan and build.plan["blocks"]:
        parts += [Text(_sentence(build.plan)), _plan(build.plan)]
    parts += [_sums(name, values) for name, values in (("RAM", ram), ("Flash", flash)) if values]
    return Section("memory", "Memory", parts)


def _sentence(plan: Json) -> str:
    steps = plan["steps"]
    peak = plan["peak_step"]
    where = f" at step {steps[peak]}" if 0 <= peak < len(steps) else ""
    proven = (
        "no plan of these layers in this order can be smaller" if plan["bound_bytes"] == plan["arena_bytes"] else ""
    )
    text = f"The arena is {plan['arena_bytes']:,} bytes{where}"
    return "; ".join(part for part in (text, proven, str(plan.get("why") or "")) if part) + "."


def _plan(plan: Json) -> Chart:
    note = "Time runs to the right, a layer a step; a block is a tensor as long as it lives; the band is the peak."
    rows = [_block(block, plan["steps"], index) for index, block in enumerate(plan["blocks"])]
    return Chart("What lies where, and when", note, _spec(rows, plan), _table(plan))


def _block(block: Json, steps: list[str], index: int) -> dict[str, Any]:
    first, last = (_moment(number, steps) for number in (block["first"], block["last"]))
    return {
        "name": block["name"],
        "tensor": str(block.get("tensor") or "").split(";")[0] or "-",
        "bytes": block["bytes"],
        "address": block["address"],
        "end": block["address"] + block["bytes"],
        "from": block["first"],
        "to": block["last"] + 1,
        "when": first if first == last else f"{first} to {last}",
        "colour": "scratch" if block["is_scratch"] else str(index % len(_COLOURS)),
    }


def _moment(number: int, steps: list[str]) -> str:
    if number < 0:
        return "before"
    return "after" if number >= len(steps) else steps[number]


def _spec(rows: list[dict[str, Any]], plan: Json) -> Spec:
    steps, arena = len(plan["steps"]), max(1, plan["arena_bytes"])
    across = axis("from", "layer", axis=_ticks(steps), scale={"domain": [-1, steps + 1], "nice": False})
    up = axis("address", "bytes", axis={"format": "~s"}, scale={"domain": [0, arena], "nice": False})
    place = {"x": across, "x2": {"field": "to"}, "y": up, "y2": {"field": "end"}}
    layers = [_blocks(place), _labels(rows, steps, arena)]
    band = [_peak(plan["peak_step"], arena)] if 0 <= plan["peak_step"] < steps else []
    return chart(rows, _HEIGHT, layer=[*band, *layers])


def _ticks(steps: int) -> Spec:
    """A number in the middle of each step, or of some."""
    every = -(-steps // _MOST_TICKS) or 1
    return {"values": [step + 0.5 for step in range(0, steps, every)], "labelExpr": "floor(datum.value)", "grid": False}


def _blocks(place: Spec) -> Spec:
    names = [*(str(index) for index in range(len(_COLOURS))), "scratch"]
    scale = {"domain": names, "range": [*_COLOURS, "var(--soft)"]}
    colour = {"field": "colour", "type": "nominal", "legend": None, "scale": scale}
    named = (("name", "made by"), ("tensor", "tensor"))
    tips = tip(*named, ("bytes", "bytes", ","), ("address", "at", ","), ("when", "alive"))
    mark = {"type": "rect", "stroke": "var(--paper)", "strokeWidth": 1.5, "fillOpacity": 0.6}
    return {"mark": mark, "encoding": {**place, "color": colour, "tooltip": tips}}


def _labels(rows: list[dict[str, Any]], steps: int, arena: int) -> Spec:
    """The names of blocks that have room for one."""
    shown = [
        {"x": (row["from"] + row["to"]) / 2, "y": row["address"] + row["bytes"] / 2, "text": row["name"]}
        for row in rows
        if row["bytes"] / arena * _HEIGHT >= 16 and (row["to"] - row["from"]) / (steps + 2) >= 0.09
    ]
    place = {name: {"field": name, "type": "quantitative"} for name in ("x", "y")}
    halo = {"stroke": "var(--paper)", "strokeWidth": 3, "strokeOpacity": 0.75}
    mark = {"type": "text", "color": "var(--ink)", "fontWeight": 600, "tooltip": None, **halo}
    return {"data": {"values": shown}, "mark": mark, "encoding": {**place, "text": {"field": "text"}}}


def _peak(step: int, arena: int) -> Spec:
    """A band behind the step that sets the size."""
    place = {"x": "from", "x2": "to", "y": "low", "y2": "high"}
    kinds = {"x": {"type": "quantitative"}, "y": {"type": "quantitative"}}
    encoding = {channel: {"field": field, **kinds.get(channel, {})} for channel, field in place.items()}
    values = [{"from": step, "to": step + 1, "low": 0, "high": arena}]
    return {
        "data": {"values": values},
        "mark": {"type": "rect", "color": "var(--bad)", "opacity": 0.18},
        "encoding": encoding,
    }


def _table(plan: Json) -> Table:
    rows = [_block(block, plan["steps"], index) for index, block in enumerate(plan["blocks"])]
    cells = [[Cell(r["name"]), Cell(r["tensor"]), *_numbers(r), Cell(r["when"])] for r in rows]
    return Table("The blocks", ("made by", "tensor", "bytes", "at", "alive"), cells, frozenset({2, 3}))


def _numbers(row: Mapping[str, Any]) -> list[Cell]:
    return [Cell(f"{row[key]:,}", row[key]) for key in ("bytes", "address")]


def _sums(title: str, values: Json) -> Table:
    """Parts of a sum, each with its share."""
    whole = values["total_bytes"] or 1
    names = [key for key, value in values.items() if key.endswith("_bytes") and isinstance(value, int)]
    shown = [key for key in names if key not in ("total_bytes", "scratch_bytes")]
    rows = [_part(key.removesuffix("_bytes"), values[key], whole) for key in shown]
    total = [Cell("total"), Cell(format_bytes(whole), whole), Cell("")]
    kind = f" Stack: {values['stack_kind']}." if "stack_kind" in values else ""
    note = f"Counted from the linked image.{kind}"
    return Table(title, ("part", "bytes", "share"), [*rows, total], frozenset({1, 2}), notes=(note,), half=True)


def _part(name: str, value: int, whole: int) -> list[Cell]:
    return [Cell(name), Cell(format_bytes(value), value), Cell(f"{value / whole:.1%}", value / whole, value / whole)]
