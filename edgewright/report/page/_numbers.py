"""Answers that are numbers: against the truth, how they are off, and what quantization moves."""

from __future__ import annotations

from typing import Any

from edgewright.report._quantization import scheme
from edgewright.report.page._build import Build, Json
from edgewright.report.page._chart import Spec, axis, chart, series, tip
from edgewright.report.page._examples import example, titled
from edgewright.report.page._parts import Cell, Chart, Choice, Example, Gallery, Part, Table, Text

_PARAMETER = "number"


def parts(build: Build, found: Json) -> list[Part]:
    """What a page shows of an output that is numbers."""
    made: list[Part] = [Text(_sentence(build, found)), _against(found), _errors(build, found)]
    return [*made, *([_gallery(build, found)] if found["examples"] else [])]


def _sentence(build: Build, found: Json) -> str:
    text = f"{found['samples']:,} test examples as the device answers them."
    text = f"{found['output']}: {text}" if found["output"] else text
    if not found["moved"]:
        return text
    mean, most = (_with_unit(found["moved"][name], found) for name in ("mean", "most"))
    return (
        f"{text} {scheme(build.report)} moves them from those of the float model by {mean} on average, {most} at most: "
        f"further from the truth in {found['worse']:,} examples, nearer to it in {found['better']:,}."
    )


def _with_unit(value: float, found: Json) -> str:
    return f"{value:.4g} {found['unit']}".rstrip()


def _title(word: str, found: Json) -> str:
    return f"{word} ({found['unit']})" if found["unit"] else word


def _choice(found: Json) -> Choice | None:
    names = [str(number) for number in range(len(found["numbers"]))]
    return Choice("Number", _PARAMETER, names) if len(names) > 1 else None


def _chosen(found: Json) -> Spec:
    """What shows the number that is chosen alone."""
    if len(found["numbers"]) < 2:
        return {}
    return {"params": [{"name": _PARAMETER, "value": "0"}], "transform": [{"filter": f"datum.number == {_PARAMETER}"}]}


def _against(found: Json) -> Chart:
    rows = [
        {"number": str(number), "truth": truth, "answer": answer, "off": answer - truth}
        for number, each in enumerate(found["numbers"])
        for truth, answer in each["points"]
    ]
    ends = [min(min(r["truth"], r["answer"]) for r in rows), max(max(r["truth"], r["answer"]) for r in rows)]
    names = ("truth", "answer", "off")
    place = {
        name: axis(field, _title(field, found), axis={"format": ".4~g", "tickCount": 5}, scale={"zero": False})
        for name, field in (("x", "truth"), ("y", "answer"))
    }
    tips = tip(*((name, name, ".4~g") for name in names))
    points = {
        "mark": {"type": "point", "filled": True, "size": 28, "opacity": 0.6, "color": "var(--c1)"},
        "encoding": {**place, "tooltip": tips},
    }
    spec = chart(rows, 280, layer=[_diagonal(ends), points], **_chosen(found))
    columns = names if len(found["numbers"]) == 1 else ("number", *names)
    cells = [[Cell(r["number"]), *(Cell(f"{r[name]:.4g}", r[name]) for name in names)][-len(columns) :] for r in rows]
    table = Table("Answers against truth", columns, cells, frozenset(range(len(columns))))
    shown = len(found["numbers"][0]["points"])
    few = f"{shown:,} of the examples, evenly chosen. " if shown < found["samples"] else ""
    note = f"{few}On the dashed line an answer is the truth."
    return Chart(titled(found, "Answers against truth"), note, spec, table, _choice(found), half=True)


def _diagonal(ends: list[float]) -> Spec:
    return {
        "data": {"values": [{"truth": end, "answer": end, "number": "0"} for end in ends]},
        "mark": {"type": "line", "color": "var(--soft)", "strokeDash": [4, 3]},
        "encoding": {
            name: {"field": field, "type": "quantitative"} for name, field in (("x", "truth"), ("y", "answer"))
        },
    }


def _errors(build: Build, found: Json) -> Chart:
    """How far answers are off, of both models."""
    name = scheme(build.report)
    rows = [row for number, each in enumerate(found["numbers"]) for row in _bins(number, each, name)]
    means = ", ".join(_with_unit(each["mean"], found) for each in found["numbers"])
    note = f"Answer less truth; the outermost bars have all that is beyond. Their mean is {means}."
    names = [name, *(["float"] if found["numbers"][0]["float"] else [])]
    known = [row for row in rows if row["examples"]]
    cells = [
        [
            Cell(r["number"]),
            Cell(r["model"]),
            Cell(f"{r['low']:.4g}", r["low"]),
            Cell(f"{r['examples']:,}", r["examples"]),
        ]
        for r in known
    ]
    table = Table("Errors", ("number", "model", "from", "examples"), cells, frozenset({2, 3}))
    return Chart(titled(found, "Errors"), note, _errors_spec(rows, names, found), table, _choice(found), half=True)


def _bins(number: int, each: Json, name: str) -> list[dict[str, Any]]:
    counted = {name: each["quantized"], **({"float": each["float"]} if each["float"] else {})}
    width = 2 * each["limit"] / len(each["quantized"])
    return [
        {
            "number": str(number),
            "model": model,
            "low": place * width - each["limit"],
            "high": (place + 1) * width - each["limit"],
            "examples": n,
        }
        for model, counts in counted.items()
        for place, n in enumerate(counts)
    ]


def _errors_spec(rows: list[dict[str, Any]], names: list[str], found: Json) -> Spec:
    colour = {"field": "model", "type": "nominal", "title": None, "scale": series(names)}
    across = axis("low", _title("error", found), axis={"format": ".4~g", "tickCount": 6}, scale={"nice": False})
    up = axis("examples", "examples", axis={"format": "~s", "tickCount": 4}, stack=None)
    tips = tip(("model", "model"), ("low", "from", ".4~g"), ("high", "to", ".4~g"), ("examples", "examples", ","))
    bars = {
        "transform": [{"filter": {"field": "model", "equal": names[0]}}],
        "mark": {"type": "rect", "fillOpacity": 0.7},
        "encoding": {
            "x": across,
            "x2": {"field": "high"},
            "y": up,
            "y2": {"datum": 0},
            "color": colour,
            "tooltip": tips,
        },
    }
    line = {
        "transform": [{"filter": "datum.model == 'float'"}],
        "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 1.5},
        "encoding": {"x": across, "y": up, "color": colour},
    }
    return chart(rows, 280, layer=[bars, *([line] if len(names) > 1 else [])], **_chosen(found))


def _gallery(build: Build, found: Json) -> Gallery:
    name = scheme(build.report)
    title = titled(found, f"Where {name} is further off than float")
    many = f"{len(found['examples'])} of {found['worse']:,}, those that it moved furthest first."
    return Gallery(title, many, [_example(found, row) for row in found["examples"]])


def _example(found: Json, row: Json) -> Example:
    answer, truth, before = (_with_unit(row[key], found) for key in ("answer", "truth", "float"))
    which = f", number {row['number']}" if found["numbers_in_all"] > 1 else ""
    return example(f"{answer}, not {truth}", f"float {before}{which}; test example {row['index']}", row)
