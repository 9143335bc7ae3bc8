"""Answers that are several yes and no at once: how often each label is found, and told rightly."""

from __future__ import annotations

from edgewright.report._quantization import scheme
from edgewright.report.figures import percent
from edgewright.report.page._build import Build, Json
from edgewright.report.page._chart import Spec, axis, chart, series, tip
from edgewright.report.page._classes import reliability
from edgewright.report.page._examples import example, titled
from edgewright.report.page._parts import Cell, Chart, Example, Gallery, Part, Table, Text

_FOUND, _TOLD = "found, of those that are there", "right, of those that are told"
_COLUMNS = ("label", "there", "found", "missed", "told falsely", "recall", "precision")


def parts(build: Build, found: Json) -> list[Part]:
    """What a page shows of an output that is labels."""
    made: list[Part] = [Text(_sentence(build, found)), _shares(build, found)]
    made += [reliability(found)] if found["reliability"] else []
    return [*made, *([_gallery(build, found)] if found["examples"] else [])]


def _sentence(build: Build, found: Json) -> str:
    text = f"{found['samples']:,} test examples as the device answers them, each label yes or no by itself."
    text = f"{found['output']}: {text}" if found["output"] else text
    if found["lost"] is None:
        return text
    name = scheme(build.report)
    return (
        f"{text} In {found['lost']:,} of them {name} gets a label wrong that the float model has right; "
        f"in {found['won']:,} it is the other way."
    )


def _name(build: Build, found: Json, number: int) -> str:
    fits = len(build.labels) == len(found["labels"])
    return build.label(number) if fits or not found["output"] else f"label {number}"


def _shares(build: Build, found: Json) -> Chart:
    rows, cells = [], []
    for number, row in enumerate(found["labels"]):
        name, hits = _name(build, found, number), row["hits"]
        there, told = hits + row["missed"], hits + row["false"]
        recall, precision = (hits / whole if whole else None for whole in (there, told))
        shares = ((_FOUND, recall), (_TOLD, precision))
        rows += [{"label": name, "kind": kind, "share": share} for kind, share in shares if share is not None]
        counts = [Cell(f"{n:,}", n) for n in (there, hits, row["missed"], row["false"])]
        cells.append([Cell(name), *counts, *(Cell(percent(share), share, share) for share in (recall, precision))])
    table = Table("Labels", _COLUMNS, cells, frozenset(range(1, len(_COLUMNS))))
    return Chart(
        titled(found, "Labels"),
        "How much of each label is found, and how much of what is told is so.",
        _spec(rows),
        table,
        half=True,
    )


def _spec(rows: list[dict[str, object]]) -> Spec:
    kinds = (_FOUND, _TOLD)
    place = {
        "y": axis("label", None, "nominal", sort=None, axis={"labelLimit": 110}),
        "yOffset": {"field": "kind", "sort": list(kinds)},
        "x": axis("share", None, axis={"format": ".0%", "tickCount": 5}, scale={"domain": [0, 1]}),
        "color": {
            "field": "kind",
            "type": "nominal",
            "title": None,
            "scale": series(kinds),
            "legend": {"columns": 1, "labelLimit": 0},
        },
        "tooltip": tip(("label", "label"), ("kind", "kind"), ("share", "share", ".2%")),
    }
    return chart(rows, 44 * len({row["label"] for row in rows}), mark={"type": "bar"}, encoding=place)


def _gallery(build: Build, found: Json) -> Gallery:
    title = titled(found, f"What {scheme(build.report)} gets wrong and float right")
    many = f"{len(found['examples'])} of {found['lost']:,}, those with the surest wrong answer first."
    return Gallery(title, many, [_example(build, found, row) for row in found["examples"]])


def _example(build: Build, found: Json, row: Json) -> Example:
    said = [f"no {_name(build, found, n)}, though it is there" for n in row["missed"]]
    said += [f"{_name(build, found, n)}, though it is not" for n in row["false"]]
    scores = ", ".join(f"{_name(build, found, int(n))} {percent(score)}" for n, score in row["scores"].items())
    return example("; ".join(said), f"scores {scores}; test example {row['index']}", row)
