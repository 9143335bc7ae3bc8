"""Answers that are classes: confusions, recall, scores against truth, errors of anomalies, what was lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from edgewright.report._quantization import scheme
from edgewright.report.figures import percent
from edgewright.report.page._build import Build, Json
from edgewright.report.page._chart import Spec, axis, chart, series, tip
from edgewright.report.page._examples import example, titled
from edgewright.report.page._parts import Cell, Chart, Example, Gallery, Part, Table, Text

_MOST = 64  # classes in one chart
_TWO = {"binary": ("no", "yes"), "reconstruction": ("normal", "anomaly")}


def parts(build: Build, found: Json) -> list[Part]:
    """What a page shows of an output that is classes."""
    made: list[Part] = [Text(_sentence(build, found))]
    if "recall" in found:
        made += [*confusions(build, found), _recall(build, found)]
    if found.get("errors"):
        made.append(_errors(found))
    if found.get("reliability"):
        made.append(reliability(found))
    return [*made, *([_gallery(build, found)] if found.get("examples") else [])]


def confusions(build: Build, found: Json) -> list[Chart]:
    """The right classes against the answers; none where there are too many."""
    return [_confusion(build, found)] if found.get("confusion") else []


def label(build: Build, found: Json, number: int) -> str:
    """Name of a class of this output."""
    classes = found.get("classes")
    if len(build.labels) != classes and found["kind"] in _TWO:
        return _TWO[found["kind"]][number]
    return build.label(number) if not found["output"] or len(build.labels) == classes else f"class {number}"


def _sentence(build: Build, found: Json) -> str:
    what = "steps of test examples" if found.get("steps", 1) > 1 else "test examples"
    number = found["samples"] * found.get("steps", 1)
    text = f"{number:,} {what} as the device answers them."
    text = f"{found['output']}: {text}" if found["output"] else text
    if found.get("lost") is None:
        return text
    name = scheme(build.report)
    return (
        f"{text} {found['lost']:,} of them {name} gets wrong and the float model right; {found['won']:,} the other way."
    )


def _confusion(build: Build, found: Json) -> Chart:
    matrix: list[list[int]] = found["confusion"]
    names = [label(build, found, index) for index in range(len(matrix))]
    rows = [
        {"right": names[r], "answer": names[a], "n": n, "share": n / max(1, sum(row)), "ok": r == a}
        for r, row in enumerate(matrix)
        for a, n in enumerate(row)
        if n
    ]
    note = "A row is the right class, a column the answer; off the diagonal are mistakes."
    return Chart(titled(found, "Confusions"), note, _matrix_spec(rows, names), _confused(build, found), half=True)


def _matrix_spec(rows: list[dict[str, Any]], names: list[str]) -> Spec:
    angle = 0 if len(names) <= 3 else -45
    across = axis(
        "answer", "answer", "nominal", sort=names, scale={"domain": names}, axis={"labelAngle": angle, "labelLimit": 90}
    )
    down = axis("right", "right class", "nominal", sort=names, scale={"domain": names}, axis={"labelLimit": 90})
    colour = {"condition": {"test": "datum.ok", "value": "var(--c1)"}, "value": "var(--c2)"}
    opacity = {
        "field": "share",
        "type": "quantitative",
        "scale": {"type": "sqrt", "domain": [0, 1], "range": [0.06, 1]},
        "legend": None,
    }
    tips = tip(("right", "right class"), ("answer", "answer"), ("n", "examples", ","), ("share", "of the class", ".1%"))
    cells = {"mark": {"type": "rect"}, "encoding": {"color": colour, "opacity": opacity, "tooltip": tips}}
    texts = {
        "transform": [{"filter": "datum.share >= 0.005"}],
        "mark": {"type": "text", "fontSize": 10 if len(names) > 5 else 12},
        "encoding": {
            "text": {"field": "n", "format": ","},
            "color": {"condition": {"test": "datum.share > 0.45", "value": "var(--paper)"}, "value": "var(--ink)"},
        },
    }
    layers = [cells, *([texts] if len(names) <= 16 else [])]
    return chart(rows, max(200, min(560, 30 * len(names))), encoding={"x": across, "y": down}, layer=layers)


def _confused(build: Build, found: Json) -> Table:
    rows = [
        [
            Cell(label(build, found, row["right"])),
            Cell(label(build, found, row["answer"])),
            Cell(f"{row['examples']:,}", row["examples"]),
        ]
        for row in found["confused"]
    ]
    return Table("The most frequent mistakes", ("right class", "answer", "examples"), rows, frozenset({2}))


def _recall(build: Build, found: Json) -> Chart:
    known = [(label(build, found, index), share) for index, share in enumerate(found["recall"]) if share is not None]
    worst = sorted(known, key=lambda pair: pair[1])[:_MOST]
    rows = [{"class": name, "recall": share, "text": percent(share)} for name, share in worst]
    names = axis("class", None, "nominal", sort=None, axis={"labelLimit": 110})
    place = {
        "y": names,
        "x": axis("recall", "recall", axis={"format": ".0%", "tickCount": 5}, scale={"domain": [0, 1]}),
    }
    bar = {"mark": {"type": "bar"}, "encoding": {"tooltip": tip(("class", "class"), ("recall", "recall", ".2%"))}}
    text = {
        "mark": {"type": "text", "align": "right", "dx": -5, "color": "var(--paper)"},
        "encoding": {"text": {"field": "text"}},
    }
    spec = chart(rows, 24 * len(rows), encoding=place, layer=[bar, text])
    cells = [[Cell(name), Cell(percent(share), share, share)] for name, share in known]
    table = Table("Recall of each class", ("class", "recall"), cells, frozenset({1}))
    return Chart(
        titled(found, "Recall"), "The share of each class that is found, the worst first.", spec, table, half=True
    )


_BINS: list[Spec] = [
    {"calculate": "datum.place / datum.bins * datum.limit", "as": "low"},
    {"calculate": "(datum.place + 1) / datum.bins * datum.limit", "as": "high"},
]


def _errors(found: Json) -> Chart:
    """How the errors of normal examples and of anomalies are spread, and where the threshold lies."""
    errors = found["errors"]
    kinds = [kind for kind in _TWO["reconstruction"] if sum(errors[kind])]
    rows = [
        {"kind": kind, "place": place, "n": n, "share": n / sum(errors[kind])}
        for kind in kinds
        for place, n in enumerate(errors[kind])
    ]
    bins = len(errors["normal"])
    threshold = errors["threshold"]
    line = f" Beyond the line, at {threshold:.4g}, is what the device calls an anomaly." if threshold else ""
    note = f"Mean squared error of each example, as shares of its kind; the last bar has all that is beyond.{line}"
    cells = [
        [
            Cell(f"{place / bins * errors['limit']:.4g}", place),
            *(Cell(f"{errors[kind][place]:,}", errors[kind][place]) for kind in kinds),
        ]
        for place in range(bins)
        if any(errors[kind][place] for kind in kinds)
    ]
    table = Table("Errors", ("from", *kinds), cells, frozenset(range(len(kinds) + 1)))
    return Chart(titled(found, "Errors"), note, _errors_spec(rows, kinds, errors), table, half=True)


def _errors_spec(rows: list[dict[str, Any]], kinds: Sequence[str], errors: Json) -> Spec:
    fields = [
        {"calculate": f"{errors['limit']}", "as": "limit"},
        {"calculate": f"{len(errors['normal'])}", "as": "bins"},
    ]
    place = {
        "x": axis("low", "mean squared error", axis={"format": ".4~g", "tickCount": 6}, scale={"nice": False}),
        "x2": {"field": "high"},
        "y": axis("share", "share of its kind", axis={"format": "~%", "tickCount": 4}, stack=None),
        "y2": {"datum": 0},
        "color": {"field": "kind", "type": "nominal", "title": None, "scale": series(kinds)},
        "tooltip": tip(("kind", "kind"), ("low", "from", ".4~g"), ("n", "examples", ","), ("share", "share", ".1%")),
    }
    bars = {"mark": {"type": "rect", "fillOpacity": 0.55}, "transform": [*fields, *_BINS], "encoding": place}
    line = {
        "data": {"values": [{"threshold": errors["threshold"]}]},
        "mark": {"type": "rule", "color": "var(--ink)", "strokeDash": [5, 3], "strokeWidth": 1.5},
        "encoding": {"x": {"field": "threshold", "type": "quantitative"}},
    }
    return chart(rows, 260, layer=[bars, *([line] if errors["threshold"] else [])])


def reliability(found: Json) -> Chart:
    """How often answers of a score are right."""
    rows = [{**row, "off": row["right"] - row["score"]} for row in found["reliability"]]
    both = {"domain": [0, 1]}
    place = {
        "x": axis("score", "mean score of the answer", axis={"format": ".0%", "tickCount": 5}, scale=both),
        "y": axis("right", "share that is right", axis={"format": ".0%", "tickCount": 5}, scale=both),
    }
    ideal = {
        "data": {"values": [{"score": 0, "right": 0}, {"score": 1, "right": 1}]},
        "mark": {"type": "line", "color": "var(--soft)", "strokeDash": [4, 3]},
    }
    size = {"field": "examples", "type": "quantitative", "legend": None, "scale": {"range": [40, 500]}}
    tips = tip(("score", "mean score", ".1%"), ("right", "right", ".1%"), ("examples", "examples", ","))
    points = {"mark": {"type": "point", "filled": True, "opacity": 0.9}, "encoding": {"size": size, "tooltip": tips}}
    line = {"mark": {"type": "line", "color": "var(--c1)"}}
    spec = chart(rows, 280, encoding=place, layer=[ideal, line, points])
    error = percent(found["calibration_error"])
    note = (
        "On the dashed line a score of 80 % is right 8 times of 10; a larger point stands for more examples. "
        f"Mean distance from the line: {error}."
    )
    return Chart(titled(found, "Reliability of scores"), note, spec, _reliability_table(rows), half=True)


def _reliability_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    cells = [
        [
            Cell(percent(r["score"]), r["score"]),
            Cell(percent(r["right"]), r["right"]),
            Cell(f"{r['examples']:,}", r["examples"]),
        ]
        for r in rows
    ]
    return Table("Scores against truth", ("mean score", "right", "examples"), cells, frozenset({0, 1, 2}))


def _gallery(build: Build, found: Json) -> Gallery:
    name = scheme(build.report)
    title = titled(found, f"What {name} gets wrong and float right")
    many = f"{len(found['examples'])} of {found['lost']:,}, those with the surest wrong answer first."
    return Gallery(title, many, [_example(build, found, row) for row in found["examples"]])


def _example(build: Build, found: Json, row: Json) -> Example:
    answer, right = (label(build, found, row[name]) for name in ("answer", "right"))
    at = f" at step {row['at']}" if "at" in row else ""
    if "error" in row:
        told = f"error {row['error']:.4g}, threshold {found['errors']['threshold']:.4g}"
    else:
        told = f"score {percent(row['score'])}, of the right class {percent(row['score_of_right'])}"
    return example(f"{answer}, not {right}{at}", f"{told}; test example {row['index']}", row)
