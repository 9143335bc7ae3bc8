"""The device's answers: confusions, recall of each class, scores against truth, and what int8 gets wrong alone."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from edgewright.report._quantization import scheme
from edgewright.report.figures import percent
from edgewright.report.page._build import Build, Json
from edgewright.report.page._chart import Spec, axis, chart, tip
from edgewright.report.page._parts import Cell, Chart, Example, Gallery, Part, Section, Table, Text

_MOST = 64  # classes in one chart
_FEW = 40  # numbers that are a row of features rather than a waveform


def section(build: Build) -> Section | None:
    """None for a build without test data."""
    found = build.answers
    if not found:
        return None
    parts: list[Part] = [Text(_sentence(build, found))]
    parts += confusions(build)
    parts += [_recall(build, found)]
    parts += [_reliability(found)] if found["reliability"] else []
    parts += [_gallery(build, found)] if found["examples"] else []
    return Section("answers", "Answers", parts)


def confusions(build: Build) -> list[Chart]:
    """The right classes against the answers; none where there are no classes, or too many."""
    found = build.answers
    return [_confusion(build, found)] if found and found["confusion"] else []


def _sentence(build: Build, found: Json) -> str:
    text = f"{found['samples']:,} test examples as the device answers them."
    if found["lost"] is None:
        return text
    name = scheme(build.report)
    return (
        f"{text} {found['lost']:,} of them {name} gets wrong and the float model right; {found['won']:,} the other way."
    )


def _confusion(build: Build, found: Json) -> Chart:
    matrix: list[list[int]] = found["confusion"]
    rows = [
        {"right": build.label(r), "answer": build.label(a), "n": n, "share": n / max(1, sum(row)), "ok": r == a}
        for r, row in enumerate(matrix)
        for a, n in enumerate(row)
        if n
    ]
    names = [build.label(index) for index in range(len(matrix))]
    note = "A row is the right class, a column the answer; off the diagonal are mistakes."
    return Chart("Confusions", note, _matrix_spec(rows, names), _confused(build, found), half=True)


def _matrix_spec(rows: list[dict[str, Any]], names: list[str]) -> Spec:
    across = axis(
        "answer", "answer", "nominal", sort=names, scale={"domain": names}, axis={"labelAngle": -45, "labelLimit": 90}
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
        "mark": {"type": "text", "fontSize": 10},
        "encoding": {
            "text": {"field": "n", "format": ","},
            "color": {"condition": {"test": "datum.share > 0.45", "value": "var(--paper)"}, "value": "var(--ink)"},
        },
    }
    layers = [cells, *([texts] if len(names) <= 16 else [])]
    return chart(rows, max(260, min(560, 30 * len(names))), encoding={"x": across, "y": down}, layer=layers)


def _confused(build: Build, found: Json) -> Table:
    rows = [
        [
            Cell(build.label(row["right"])),
            Cell(build.label(row["answer"])),
            Cell(f"{row['examples']:,}", row["examples"]),
        ]
        for row in found["confused"]
    ]
    return Table("The most frequent mistakes", ("right class", "answer", "examples"), rows, frozenset({2}))


def _recall(build: Build, found: Json) -> Chart:
    known = [(build.label(index), share) for index, share in enumerate(found["recall"]) if share is not None]
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
    return Chart("Recall", "The share of each class that is found, the worst first.", spec, table, half=True)


def _reliability(found: Json) -> Chart:
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
    return Chart("Reliability of scores", note, spec, _reliability_table(rows), half=True)


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
    title = f"What {name} gets wrong and float right"
    many = f"{len(found['examples'])} of {found['lost']:,}, those with the surest wrong answer first."
    return Gallery(title, many, [_example(build, row) for row in found["examples"]])


def _example(build: Build, row: Json) -> Example:
    title = f"{build.label(row['answer'])}, not {build.label(row['right'])}"
    scores = f"score {percent(row['score'])}, of the right class {percent(row['score_of_right'])}"
    text = f"{scores}; test example {row['index']}"
    picture = png(row["picture"]) if "picture" in row else None
    series = row.get("series") or ()
    if len(series) <= _FEW:
        return Example(title, text, picture, bars=_bars(series))
    return Example(title, text, picture, _line(series))


def _bars(values: Sequence[float]) -> list[tuple[float, float, float, float]]:
    """Numbers as bars from zero, in a box of 100 by 40: (x, y, width, height)."""
    low, high = min(0.0, *values, 0.0), max(0.0, *values, 0.0)
    up, across = 36 / (high - low or 1), 100 / max(1, len(values))
    zero = 38 + low * up
    tops = [zero - max(value, 0.0) * up for value in values]
    return [
        (index * across, top, 0.8 * across, max(0.4, abs(value) * up))
        for index, (value, top) in enumerate(zip(values, tops, strict=True))
    ]


def _line(values: Sequence[float]) -> str:
    """Points of an SVG line in a box of 100 by 40."""
    low, high = min(values), max(values)
    across, up = 100 / max(1, len(values) - 1), 36 / (high - low or 1)
    return " ".join(f"{index * across:.1f},{38 - (value - low) * up:.1f}" for index, value in enumerate(values))


def png(picture: Json) -> str:
    """A PNG file as a `data:` URL, of {"shape": [height, width, 1 or 3], "pixels": base64 of bytes}."""
    height, width, channels = picture["shape"]
    pixels = base64.b64decode(picture["pixels"])
    row = width * channels
    lines = b"".join(b"\0" + pixels[start : start + row] for start in range(0, height * row, row))
    head = struct.pack(">IIBBBBB", width, height, 8, 0 if channels == 1 else 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    body = b"".join(_chunk(*chunk) for chunk in chunks)
    return "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + body).decode()


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
