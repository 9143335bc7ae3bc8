"""The layers: where instructions and bytes go, and which of them is to blame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edgewright.report.figures import count
from edgewright.report.page._build import Build, Json
from edgewright.report.page._chart import Spec, axis, chart, tip
from edgewright.report.page._help import remarks
from edgewright.report.page._parts import Cell, Chart, Part, Remarks, Section, Table, Text

_COLUMNS = ("layer", "operator", "MACs", "per layer", "a MAC", "share", "weights", "kernel")
_MOST = 40  # bars that a person can tell apart


def section(build: Build) -> Section | None:
    """None where neither the device nor the compiler tells of layers."""
    rows = _rows(build)
    if not rows:
        return None
    unit = next((row["unit"] for row in rows if row["cost"] is not None), None)
    parts: list[Part] = [*_told(rows, unit), *_chart(rows, unit), _table(rows, unit)]
    return Section("layers", "Layers", parts)


def _told(rows: list[dict[str, Any]], unit: str | None) -> list[Part]:
    found: list[Part] = []
    if unit is None:
        found.append(Text("The device tells nothing of single layers; these are their weights and MACs as compiled."))
    if lines := remarks(rows, unit):
        found.append(Remarks("What would help", lines))
    return found


def _rows(build: Build) -> list[dict[str, Any]]:
    """The compiler's layers with the device's counts; either may be missing."""
    compiled = list((build.compile or {}).get("layers", ()))
    counted = list((build.report["latency"] or {}).get("layers") or ())
    if compiled and counted and len(compiled) != len(counted):
        compiled = []
    number = max(len(compiled), len(counted))
    pairs = [(compiled[i] if compiled else {}, counted[i] if counted else {}) for i in range(number)]
    return [_row(index, *pair) for index, pair in enumerate(pairs)]


def _row(index: int, compiled: Json, counted: Json) -> dict[str, Any]:
    unit = next((unit for unit in ("instructions", "cycles") if unit in counted), None)
    name = str(compiled.get("name") or counted.get("name") or "").split(";")[0]
    weights: Mapping[str, Any] = compiled.get("weights") or {}
    macs = compiled.get("macs", counted.get("macs")) or 0
    always_raw = compiled.get("constant_bytes") if macs else None  # those of a recurrent layer, for instance
    return {
        "index": index,
        "name": name,
        "op": str(counted.get("op") or compiled.get("op") or ""),
        "macs": macs,
        "cost": counted.get(unit) if unit else None,
        "unit": unit,
        "bytes": weights.get("bytes", always_raw),
        "storages": bool(weights),
        "kernel": str(compiled.get("variant") or "-"),
    }


def _chart(rows: list[dict[str, Any]], unit: str | None) -> list[Chart]:
    if unit is None:
        return []
    whole = sum(row["cost"] for row in rows) or 1
    most = max(row["cost"] for row in rows)
    shown = [
        {
            **{key: row[key] for key in ("op", "macs", "cost")},
            "layer": f"{row['index']} {row['name']}",
            "share": row["cost"] / whole,
            "part": "the largest" if row["cost"] == most else "others",
        }
        for row in sorted(rows, key=lambda row: -row["cost"])[:_MOST]
    ]
    few = f"The {_MOST} largest of {len(rows)} layers." if len(rows) > _MOST else "Each bar is a layer."
    note = f"{few} What is longest is worth the most work."
    return [Chart(f"{unit.capitalize()} of each layer", note, _spec(shown, unit))]


def _spec(rows: list[dict[str, Any]], unit: str) -> Spec:
    names = axis("layer", None, "nominal", sort=None, axis={"labelLimit": 190, "labelPadding": 6})
    colour = {
        "field": "part",
        "type": "nominal",
        "scale": {"domain": ["the largest", "others"], "range": ["var(--c2)", "var(--c1)"]},
        "legend": None,
    }
    tips = tip(
        ("layer", "layer"), ("op", "operator"), ("cost", unit, ","), ("share", "share", ".1%"), ("macs", "MACs", ",")
    )
    bars = {"mark": {"type": "bar"}, "encoding": {"color": colour, "tooltip": tips}}
    most = max(row["cost"] for row in rows) or 1
    room = {"domain": [0, 1.05 * most], "nice": False}
    place = {"y": names, "x": axis("cost", unit, axis={"format": "~s", "tickCount": 5}, scale=room)}
    return chart(rows, 26 * len(rows), encoding=place, layer=[bars, *_shares(most)])


def _shares(most: float) -> list[Spec]:
    """The share of each layer: within a long bar, beside a short one."""
    text = {"text": {"field": "share", "type": "quantitative", "format": ".1%"}}
    within = {"type": "text", "align": "right", "dx": -6, "color": "var(--paper)", "fontWeight": 600}
    beside = {"type": "text", "align": "left", "dx": 5}
    sides = ((within, "datum.cost > {}"), (beside, "datum.cost <= {}"))
    return [{"mark": mark, "encoding": text, "transform": [{"filter": test.format(most / 2)}]} for mark, test in sides]


def _table(rows: list[dict[str, Any]], unit: str | None) -> Table:
    whole = sum(row["cost"] or 0 for row in rows) or 1
    most = max((row["cost"] or 0 for row in rows), default=0)
    columns = [unit or "cost" if title == "per layer" else title for title in _COLUMNS]
    cells = [_cells(row, whole, most) for row in rows]
    return Table("The layers in their order", columns, cells, frozenset(range(2, 7)), filters=len(rows) > 5, cards=True)


def _cells(row: Mapping[str, Any], whole: int, most: int) -> list[Cell]:
    cost, macs = row["cost"], row["macs"]
    worst = bool(cost) and cost == most
    a_mac = cost / macs if cost and macs else None
    share = cost / whole if cost is not None else None
    return [
        Cell(f"{row['index']} {row['name']}", row["index"], state="worst" if worst else ""),
        Cell(row["op"]),
        Cell(count(macs) if macs else "-", macs),
        Cell(count(cost), cost),
        Cell("-" if a_mac is None else f"{a_mac:.2f}", a_mac),
        Cell("-" if share is None else f"{share:.1%}", share, share),
        Cell("-" if row["bytes"] is None else f"{row['bytes']:,} B", row["bytes"]),
        Cell(row["kernel"]),
    ]
