"""The trainings of a build, epoch by epoch: of the model, of each pass that trains, and with quantization in mind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from edgewright.metrics import METRICS
from edgewright.report.page._build import Build
from edgewright.report.page._chart import Spec, axis, chart, series, tip
from edgewright.report.page._parts import Cell, Chart, Section, Table

Epochs = Sequence[Mapping[str, Any]]

TRAINING, VALIDATION = "training", "validation"
SHARE, NUMBER = ".1%", ".4~g"
_MARK: Spec = {"type": "line", "point": {"size": 45}}


def section(build: Build) -> Section | None:
    """None for a model that was brought."""
    found = charts(build)
    return Section("training", "Training", found) if found else None


def charts(build: Build) -> list[Chart]:
    """Of each training the figures by epoch."""
    return [chart for name, epochs in _trainings(build) if epochs for chart in _charts(name, epochs)]


def _trainings(build: Build) -> Iterator[tuple[str, Epochs]]:
    if build.train:
        yield "Training", build.train["epochs"]
    for step in build.steps:  # a pass may train several times, one after another
        yield step.name, [epoch for epochs in step.stats.get("trainings") or [] for epoch in epochs]
    training = ((build.quantize or {}).get("qat") or {}).get("training")
    if training:
        yield "Quantization-aware training", training


def _charts(name: str, epochs: Epochs) -> Iterator[Chart]:
    table = _table(name, epochs)
    for figure in _figures(epochs):
        rows = list(_points(epochs, figure))
        note = f"By epoch; {len(epochs)} in all."
        title = METRICS[figure].terms.title if figure in METRICS else figure.replace("_", " ")
        spec = _spec(rows, title, _form(rows, figure))
        yield Chart(f"{name}: {title}", note, spec, table, half=True)


def _figures(epochs: Epochs) -> list[str]:
    """What is told of each epoch, on training and validation data; the loss comes last."""
    keys = [key.removeprefix("val_") for epoch in epochs for key, value in epoch.items() if _is_number(value)]
    return sorted(dict.fromkeys(keys), key=lambda key: key == "loss")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


def _points(epochs: Epochs, figure: str) -> Iterator[dict[str, Any]]:
    for number, epoch in enumerate(epochs, start=1):
        for key, data in ((figure, TRAINING), (f"val_{figure}", VALIDATION)):
            if _is_number(epoch.get(key)):
                yield {"epoch": number, "value": epoch[key], "data": data}


def _form(rows: Sequence[Mapping[str, Any]], figure: str) -> str:
    """Shares in per cent, other figures as they are."""
    return SHARE if figure == "accuracy" and all(0 <= row["value"] <= 1 for row in rows) else NUMBER


def _spec(rows: list[dict[str, Any]], title: str, form: str) -> Spec:
    epochs = sorted({row["epoch"] for row in rows})
    ticks = {"format": "d", "values": epochs[:: -(-len(epochs) // 10)], "grid": False}
    across = axis("epoch", "epoch", axis=ticks, scale={"nice": False, "padding": 10})
    return chart(rows, 220, mark=_MARK, encoding=_place(across, title, form))


def live_charts() -> dict[str, Spec]:
    """Charts of a training that goes on: of shares, and of other figures. Their rows ("live") come later."""
    ticks = {"format": "d", "tickMinStep": 1, "grid": False}
    across = axis("epoch", "epoch", axis=ticks, scale={"nice": False, "padding": 10})
    kinds = {"share": SHARE, "number": NUMBER}
    specs = {kind: chart([], 170, mark=_MARK, encoding=_place(across, "", form)) for kind, form in kinds.items()}
    return {kind: {**spec, "data": {"name": "live", "values": []}} for kind, spec in specs.items()}


def _place(across: Spec, title: str, form: str) -> Spec:
    return {
        "x": across,
        "y": axis("value", title, axis={"format": form, "tickCount": 5}, scale={"zero": False}),
        "color": {"field": "data", "type": "nominal", "title": None, "scale": series((TRAINING, VALIDATION))},
        "strokeDash": {"field": "data", "type": "nominal", "title": None, "legend": None},
        "tooltip": tip(("epoch", "epoch"), ("data", "data"), ("value", title or "value", form)),
    }


def _table(name: str, epochs: Epochs) -> Table:
    keys = [key for key, value in epochs[0].items() if _is_number(value)]
    rows = [
        [Cell(str(number), number), *(_cell(epoch.get(key)) for key in keys)]
        for number, epoch in enumerate(epochs, start=1)
    ]
    columns = ("epoch", *(key.replace("_", " ") for key in keys))
    return Table(f"{name}, by epoch", columns, rows, frozenset(range(len(columns))))


def _cell(value: object) -> Cell:
    return Cell(f"{value:.5g}", float(value)) if isinstance(value, int | float) else Cell("-")
