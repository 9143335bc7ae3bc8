"""Models in one firmware: what each takes alone, and what they take together."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from edgewright.report.figures import FLASH, INSTRUCTIONS, LATENCY, RAM
from edgewright.report.page._build import Build, Json
from edgewright.report.page._parts import Cell, Section, Table

_COLUMNS = ("model", "flash", "code", "weights", "RAM", "arena", "stack", "an inference alone", "in this firmware")
_FLASH = ("total_bytes", "code_bytes", "weights_bytes")
_RAM = ("total_bytes", "arena_bytes", "stack_bytes")


_NOTE = (
    "A model's name leads to the page of its build alone. They run in turn: there is one arena, as large as the "
    "largest needs, and kernels and constants that are equal are there once. Together: one inference of each."
)


def section(build: Build) -> Section | None:
    """None for a model alone."""
    models: Sequence[Json] = build.report.get("models") or ()
    if not models:
        return None
    sums = {
        place: {key: sum(model[place][key] or 0 for model in models) for key in keys}
        for place, keys in (("flash", _FLASH), ("ram", _RAM))
    }
    rows = [*map(_model, models), _row(Cell("sum of these"), sums)]
    rows += [_row(Cell("together"), build.report, None, build.report["latency"])]
    table = Table("Alone, and together", _COLUMNS, rows, frozenset(range(1, len(_COLUMNS))), notes=(_NOTE,), cards=True)
    return Section("models", "Models", [table])


def _model(model: Json) -> list[Cell]:
    name = Cell(str(model["name"]), link=f"../{quote(model['name'])}/report.html")
    return _row(name, model, model["latency"], model["latency_together"])


def _row(name: Cell, of: Json, *latencies: Json | None) -> list[Cell]:
    sizes = [(FLASH, of["flash"][key]) for key in _FLASH] + [(RAM, of["ram"][key]) for key in _RAM]
    cells = [Cell("-") if value is None else Cell(figure.show(value), value) for figure, value in sizes]
    return [name, *cells, *map(_cost, latencies or (None, None))]


def _cost(latency: Json | None) -> Cell:
    for figure, unit in ((LATENCY, ""), (INSTRUCTIONS, " instructions")):
        value = figure.value({"latency": latency})
        if value is not None:
            return Cell(f"{figure.show(value)}{unit}", value)
    return Cell("-")
