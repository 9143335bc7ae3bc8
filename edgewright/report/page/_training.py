"""The trainings of a build, epoch by epoch: of the model, of each pass that trains, and with quantization in mind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from edgewright.report.page._build import Build
from edgewright.report.page._chart import Spec, axis, chart, series, tip
from edgewright.report.page._parts import Cell, Chart, Section, Table

Epochs = Sequence[Mapping[str, Any]]


def section(build: Build) -> Section | None:
    """None for a model that was brought."""
    trainings = [(name, epochs) for name, epochs in _trainings(build) if epochs]
    charts = [chart for name, epochs in trainings for chart in _charts(name, epochs)]
    return Section("training", "Training", charts) if charts else None


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
    for title, keys, form in (("accuracy", ("accuracy", "val_accuracy"), ".1%"), ("loss", ("loss", "val_loss"), "~g")):
        rows = list(_points(epochs, keys))
        if rows:
            note = f"By epoch; {len(epochs)} in all."
            yield Chart(f"{name}: {title}", note, _spec(rows, title, form), table, half=True)


def _points(epochs: Epochs, keys: Sequence[str]) -> Iterator[dict[str, Any]]:
    for number, epoch in enumerate(epochs, start=1):
        for key, data in zip(keys, ("training", "validation"), strict=True):
            if isinstance(epoch.get(key), int | float):
                yield {"epoch": number, "value": epoch[key], "data": data}


def _spec(rows: list[dict[str, Any]], title: str, form: str) -> Spec:
    epochs = sorted({row["epoch"] for row in rows})
    ticks = {"format": "d", "values": epochs[:: -(-len(epochs) // 10)], "grid": False}
    place = {
        "x": axis("epoch", "epoch", axis=ticks, scale={"nice": False, "padding": 10}),
        "y": axis("value", title, axis={"format": form, "tickCount": 5}, scale={"zero": False}),
        "color": {"field": "data", "type": "nominal", "title": None, "scale": series(("training", "validation"))},
        "strokeDash": {"field": "data", "type": "nominal", "title": None, "legend": None},
        "tooltip": tip(("epoch", "epoch"), ("data", "data"), ("value", title, form)),
    }
    return chart(rows, 220, mark={"type": "line", "point": {"size": 45}}, encoding=place)


def _table(name: str, epochs: Epochs) -> Table:
    keys = [key for key, value in epochs[0].items() if isinstance(value, int | float)]
    rows = [
        [Cell(str(number), number), *(_cell(epoch.get(key)) for key in keys)]
        for number, epoch in enumerate(epochs, start=1)
    ]
    columns = ("epoch", *(key.replace("_", " ") for key in keys))
    return Table(f"{name}, by epoch", columns, rows, frozenset(range(len(columns))))


def _cell(value: object) -> Cell:
    return Cell(f"{value:.5g}", float(value)) if isinstance(value, int | float) else Cell("-")
