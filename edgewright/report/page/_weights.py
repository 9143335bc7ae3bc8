"""The weights of each layer before and after every pass, and the ranges that calibration gave to activations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from edgewright.report._quantization import scheme
from edgewright.report.figures import count
from edgewright.report.page._build import Build
from edgewright.report.page._chart import Spec, axis, chart, tip
from edgewright.report.page._parts import Cell, Chart, Choice, Part, Section, Table

_COLUMNS = ("layer", "state", "operator", "shape", "weights", "zeros", "different values", "largest")
_MOST = 32  # layers in one page


def section(build: Build) -> Section | None:
    """None for a build whose stages counted no weights."""
    states = _states(build)
    parts: list[Part] = []
    if rows := [row for name, spreads in states for row in _rows(name, spreads)]:
        parts += [_spreads(rows, [name for name, _ in states]), _table(rows)]
    if found := (build.quantize or {}).get("ranges"):
        parts.append(_ranges(found))
    return Section("weights", "Weights", parts) if parts else None


def _states(build: Build) -> list[tuple[str, Sequence[Mapping[str, Any]]]]:
    """The states of the model on its way to the device, with the spreads of each."""
    steps = [(f"after {step.name}", step.float_tflite) for step in build.steps]
    known = [("float", build.float_tflite), *steps, (scheme(build.report), build.quantize)]
    return [(name, facts["spreads"]) for name, facts in known if facts and facts.get("spreads")]


def _rows(state: str, spreads: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The layers of a state; they are called by their place, since converters rename them."""
    largest = sorted(range(len(spreads)), key=lambda index: -spreads[index]["values"])[:_MOST]
    return [
        {"layer": f"{index + 1} {_short(spreads[index])}", "state": state, **spreads[index]}
        for index in sorted(largest)
    ]


def _short(spread: Mapping[str, Any]) -> str:
    return str(spread["op"])


def _spreads(rows: list[dict[str, Any]], states: list[str]) -> Chart:
    layers = list(dict.fromkeys(row["layer"] for row in rows))
    shown = [{key: row[key] for key in ("layer", "state", "counts", "limit", "values")} for row in rows]
    note = "Share of the weights by their value, the same layer in each state. The middle two bars are around zero."
    summary = [row for row in rows if row["layer"] == layers[0]]
    return Chart(
        "How the weights are spread",
        note,
        _spec(shown, states, layers[0]),
        _table(summary if len(layers) > 1 else rows),
        Choice("Layer", "layer", layers),
    )


_BINS: list[Spec] = [
    {"filter": "datum.layer == layer"},
    {"calculate": "length(datum.counts)", "as": "bins"},
    {"flatten": ["counts"]},
    {"window": [{"op": "row_number", "as": "bin"}]},
    {"calculate": "(datum.bin - 1) / datum.bins * 2 * datum.limit - datum.limit", "as": "low"},
    {"calculate": "datum.low + 2 * datum.limit / datum.bins", "as": "high"},
    {"calculate": "datum.counts / datum.values", "as": "share"},
    {"calculate": "0", "as": "none"},
]
"""From a row with all counts of a layer to a row a bar."""


def _spec(rows: list[dict[str, Any]], states: list[str], first: str) -> Spec:
    ends = (("low", "from", ".4~g"), ("high", "to", ".4~g"))
    place = {
        "x": axis("low", "weight", axis={"format": ".4~g", "tickCount": 6}, scale={"nice": False}),
        "x2": {"field": "high"},
        "y": axis("share", None, axis={"format": "~%", "tickCount": 3}),
        "y2": {"field": "none"},
        "tooltip": tip(*ends, ("counts", "weights", ","), ("share", "share", ".2%")),
    }
    panels = [_panel(state, place) for state in states]
    params = [{"name": "layer", "value": first}]
    scales = {"scale": {"x": "shared", "y": "independent"}}
    return {"data": {"values": rows}, "params": params, "vconcat": panels, "resolve": scales}


def _panel(state: str, place: Spec) -> Spec:
    return {
        "width": "container",
        "height": 90,
        "title": {"text": state, "anchor": "start", "fontSize": 12, "fontWeight": 600},
        "transform": [{"filter": {"field": "state", "equal": state}}, *_BINS],
        "mark": {"type": "rect", "color": "var(--c1)", "stroke": "var(--paper)", "strokeWidth": 0.5},
        "encoding": place,
    }


def _table(rows: list[dict[str, Any]]) -> Table:
    cells = [
        [
            Cell(row["layer"]),
            Cell(row["state"]),
            Cell(row["op"]),
            Cell(" x ".join(map(str, row["shape"]))),
            Cell(count(row["values"]), row["values"]),
            Cell(f"{row['zeros'] / row['values']:.1%}", row["zeros"] / row["values"], row["zeros"] / row["values"]),
            Cell(count(row["codes"]), row["codes"]),
            Cell(f"{row['limit']:.4g}", row["limit"]),
        ]
        for row in rows
    ]
    return Table("Weights by layer and state", _COLUMNS, cells, frozenset(range(4, 8)), filters=len(cells) > 8)


def _ranges(found: Sequence[Mapping[str, Any]]) -> Chart:
    rows = [
        {"tensor": f"{index} {row['name'].split(';')[0]}", **{key: row[key] for key in ("op", "low", "high", "scale")}}
        for index, row in enumerate(found[:_MOST])
    ]
    few = f"The first {_MOST} of {len(found)}. " if len(found) > _MOST else ""
    note = f"{few}What the codes of each activation reach, as calibration chose it; beyond it values are clipped."
    names = axis("tensor", None, "nominal", sort=None, axis={"labelLimit": 190})
    place = {"y": names, "x": axis("low", "value", axis={"format": ".4~g", "tickCount": 8}), "x2": {"field": "high"}}
    tips = tip(("tensor", "tensor"), ("op", "operator"), ("low", "from"), ("high", "to"), ("scale", "step"))
    spec = chart(rows, 24 * len(rows), mark={"type": "bar", "height": 10}, encoding={**place, "tooltip": tips})
    return Chart("Ranges of activations", note, spec, _ranges_table(found))


def _ranges_table(found: Sequence[Mapping[str, Any]]) -> Table:
    cells = [
        [Cell(row["name"]), Cell(row["op"]), *(Cell(f"{row[key]:.5g}", row[key]) for key in ("low", "high", "scale"))]
        for row in found
    ]
    return Table("Ranges", ("tensor", "operator", "from", "to", "a step"), cells, frozenset({2, 3, 4}))
