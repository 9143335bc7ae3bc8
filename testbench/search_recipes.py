"""Recipes that were made by hand beside the trials of a search: at equal bytes, and at equal instructions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from edgewright import search
from edgewright.files import read_json
from edgewright.home import home

RESULTS = home() / "benchmarks" / "results"
BOARD, SEED = "raspberry-pi-4", 1
MODELS = ("fashion_cnn", "fashion_resnet_wide")
FIGURES = ("bytes", "instructions")
ALIKE = 0.0005
"""Of accuracy: five of the 10,000 test examples; what is nearer counts as equal."""


def recipes(model: str) -> list[Mapping[str, Any]]:
    """The rows of the recipes of a model that were made by hand."""
    rows = read_json(RESULTS / "compression.json")["rows"]
    return [row for row in rows if (row["model"], row["board"], row["seed"]) == (model, BOARD, SEED)]


def best(points: Sequence[Mapping[str, Any]], figure: str, most: float) -> Mapping[str, Any] | None:
    """The trial that is best on validation data among those that take no more."""
    within = [point for point in points if point[figure] <= most]
    return max(within, key=lambda point: (point["validation"], -point[figure], -point["trial"]), default=None)


def volume(points: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]) -> float:
    """What is beaten of the box from the most costly recipe on, 10 points of accuracy below the best to 5 above."""
    most = [1.01 * max(of(row, name) for row in rows) for name in FIGURES]
    worst = (0.1 - max(row["accuracy"] for row in rows), *most)
    costs = [(-point["validation"], point["bytes"], point["instructions"]) for point in points]
    return search.hypervolume(costs, worst) / search.hypervolume([(worst[0] - 0.15, 0.0, 0.0)], worst)


def of(row: Mapping[str, Any], figure: str) -> float:
    """A figure of a recipe: its bytes are those of coded weights."""
    return float(row["coded_bytes" if figure == "bytes" else figure])


def table(found: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The figures as Markdown."""
    yield f"Made by `python -m benchmarks.search_recipes {found['model']}`: {found['trials']} trials were asked for.\n"
    yield "| sampler | trials | what became of them | hypervolume |\n|---|---:|---|---:|"
    for each in found["runs"]:
        told = ", ".join(f"{count} {name}" for name, count in each["outcomes"].items())
        yield f"| {each['sampler']} | {each['trials']} | {told} | {volume(each['points'], rows):.4f} |"
    points = found["runs"][0]["points"]
    for figure in FIGURES:
        pairs = [(row, best(points, figure, of(row, figure))) for row in rows]
        gains = [point["accuracy"] - row["accuracy"] for row, point in pairs if point]
        good, better = sum(gain >= -ALIKE for gain in gains), sum(gain > ALIKE for gain in gains)
        yield f"\nAt no more {figure} than each recipe: as good as {good} of {len(rows)}, better than {better}.\n"
        yield f"| recipe | {figure} | accuracy | trial | {figure} | accuracy | what it is |"
        yield "|---|---:|---:|---:|---:|---:|---|"
        yield from (_row(row, point, figure) for row, point in pairs)


def _row(row: Mapping[str, Any], point: Mapping[str, Any] | None, figure: str) -> str:
    name = row["recipe"].removeprefix(f"{row['model']}-")
    head = f"| `{name}` | {of(row, figure):,.0f} | {100 * row['accuracy']:.2f}"
    if point is None:
        return f"{head} | - | - | - | no trial takes so few |"
    return f"{head} | {point['trial']} | {point[figure]:,.0f} | {100 * point['accuracy']:.2f} | {point['what']} |"
