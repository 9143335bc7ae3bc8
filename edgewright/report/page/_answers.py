"""The device's answers, output by output: what is right, scores and errors, what quantization made worse."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from edgewright.metrics import Terms
from edgewright.report._quantization import scheme
from edgewright.report.page import _classes, _labels, _numbers
from edgewright.report.page._build import Build, Json
from edgewright.report.page._parts import Cell, Chart, Part, Section, Table

_BY_KIND: Mapping[str, Callable[[Build, Json], Sequence[Part]]] = {
    **dict.fromkeys(("classification", "sequence", "binary", "reconstruction"), _classes.parts),
    "multi-label": _labels.parts,
    "regression": _numbers.parts,
}


def section(build: Build) -> Section | None:
    """None for a build without test data."""
    parts = [*_metrics(build), *(part for found in _outputs(build) for part in _BY_KIND[found["kind"]](build, found))]
    return Section("answers", "Answers", parts) if parts else None


def confusions(build: Build) -> list[Chart]:
    """The right classes against the answers, of each output that is classes, unless there are too many."""
    return [made for found in _outputs(build) for made in _classes.confusions(build, found)]


def _outputs(build: Build) -> Sequence[Json]:
    found: Sequence[Json] = (build.answers or {}).get("outputs", ())
    return found


def _metrics(build: Build) -> Iterator[Part]:
    """All metrics of all outputs, where there are more than the one at the head of the page."""
    found = build.report["accuracy"]
    if not found or not found.get("others"):
        return
    rows = [found, *found["others"]]
    several = any(row.get("output") for row in found["others"])
    first = next((each["output"] for each in _outputs(build)), None)
    columns = (*(["output"] if several else []), "metric", scheme(build.report), "95 %", "float", "95 %", "better")
    cells = [[*([Cell(str(row.get("output") or first or "-"))] if several else []), *_figures(row)] for row in rows]
    start = len(columns) - 5
    numbers = frozenset(range(start, start + 4))
    yield Table("Metrics on the test data", columns, cells, numbers, cards=True)


def _figures(row: Json) -> Iterator[Cell]:
    terms = Terms.read(row)
    yield Cell(terms.title)
    for name in ("quantized", "float"):
        ends = row[f"{name}_interval"]
        yield Cell(terms.show(row[name]), row[name])
        yield Cell(terms.span(ends) if ends else "-")
    yield Cell(terms.better)
