"""A scan and its recipes for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from textwrap import shorten
from typing import Any

from edgewright.advice.candidates import PLAIN, Candidate
from edgewright.advice.recipes import Expected, Point, Points, Recipe, terms_of, transmitted
from edgewright.metrics import Terms
from edgewright.report.budget import bound, show_row
from edgewright.report.figures import Report
from edgewright.spec.toml_write import entry_text
from edgewright.units import format_bytes, format_microseconds

SHOWN = 5
LONGEST = 160  # letters of a reason
CODED = "device_bytes_coded"
EXPECTED = "expected (from a short scan)"


def points_table(points: Points, refused: Mapping[Candidate, str], reference: Point) -> Iterator[str]:
    """Each method by itself."""
    terms = terms_of(reference)
    yield f"each method by itself, {EXPECTED}; {terms.title} of {reference['samples']:,} validation examples:"
    coded = any(CODED in point for point in points.values())
    storage = ("on the device", *(("coded there",) if coded else ()))
    rows: list[tuple[str, ...]] = [("", terms.title, "change", *storage, "to transmit", "MACs")]
    rows += [(one.name, *_figures(point, reference)) for one, point in points.items()]
    yield from _aligned(rows)
    if coded:
        yield '  coded there: with [compile] weights = "coded", which decodes while it runs and takes longer'
    for candidate, why in refused.items():
        yield f"  {candidate.name}: not for this model: {shorten(why, LONGEST)}"


def _figures(point: Point, reference: Point) -> tuple[str, ...]:
    terms = terms_of(reference)
    change = terms.difference(point["value"] - reference["value"], sign=True)
    sizes = [point["device_bytes"], *((point[CODED],) if CODED in point else ()), transmitted(point)]
    return (terms.show(point["value"]), change, *map(format_bytes, sizes), f"{point['macs']:,}")


def sensitivity(points: Points) -> Iterator[str]:
    """What pruning one layer costs, from the scan that looked furthest."""
    scans = [point["sensitivity"] for point in points.values() if point.get("sensitivity")]
    if not scans:
        return
    yield f"sensitivity of each layer, {EXPECTED}: rise of the loss with this layer pruned so far, without training:"
    rows = max(scans, key=lambda scan: max(map(float, scan[0]["loss_rise"])))
    levels = list(rows[0]["loss_rise"])
    yield from _aligned(
        [
            ("", "weights", *(f"{float(level):.0%}" for level in levels)),
            *((r["layer"], f"{r['weights']:,}", *(f"{r['loss_rise'][x]:+.3f}" for x in levels)) for r in rows),
        ]
    )


def recipes(found: Sequence[Recipe], reference: Point, latency: str) -> Iterator[str]:
    """The best recipes, each with what to expect and why it stands there."""
    yield f"recipes for this target's budget, best first; every figure is {EXPECTED}; {latency}:"
    for number, recipe in enumerate(found[:SHOWN], start=1):
        yield f"{number}. {recipe.name}"
        yield f"   expected {_expected(recipe.expected, terms_of(reference))}"
        yield f"   why: {why(recipe, found, reference)}"
    yield ""
    yield from entries(found[0])


def entries(recipe: Recipe) -> Iterator[str]:
    """What the target file would say."""
    if recipe.entries:
        yield "the first as entries of the target file (--write puts them there):"
        yield ""
        yield from "\n".join(entry_text(entry) for entry in recipe.entries).splitlines()
    elif recipe.parts[0].scheme != "int8":
        yield f'the first needs no pass, but [quantize] scheme = "{recipe.parts[0].scheme}"'
    else:
        yield "the first needs no entry in the target file"


def _expected(expected: Expected, terms: Terms) -> str:
    change = terms.difference(-expected.loss if terms.more_is_better else expected.loss, sign=True)
    parts = [
        f"{terms.title} {terms.show(expected.metric)} ({change}, noise {terms.difference(expected.noise)})",
        f"{format_bytes(expected.device_bytes)} on the device",
        f"{format_bytes(expected.transmit_bytes)} to transmit",
        f"{expected.macs:,.0f} MACs",
    ]
    if expected.instructions is not None:
        parts.append(f"{expected.instructions:,.0f} instructions")
    if expected.us is not None:
        parts.append(format_microseconds(expected.us))
    return ", ".join(parts)


def why(recipe: Recipe, found: Sequence[Recipe], reference: Point) -> str:
    """Its place: what it breaks, or that it breaks nothing; and what it saves."""
    plain = next(one for one in found if one.parts == (PLAIN,))
    if recipe.broken:
        terms: Report = {"accuracy": terms_of(reference).as_json()}
        rows = ((row["name"], bound(row["name"], terms), *show_row(row, terms)[:2]) for row in recipe.broken)
        broken = "; ".join(f"{name} {value}, {limit_is} {limit}" for name, limit_is, value, limit in rows)
        verdict = f"breaks the budget, {broken}"
    else:
        unknown = [row["name"] for row in recipe.budget if row["ok"] is None]
        verdict = "holds the budget" + (f" as far as is known ({', '.join(unknown)} is not)" if unknown else "")
    if recipe is plain:
        return verdict + "; what the others are compared with"
    saved = ", ".join(_saved(recipe.expected, plain.expected))
    added = " (losses added, ratios multiplied from the points above)" if len(recipe.parts) > 1 else ""
    return f"{verdict}; {saved or 'saves nothing'}{added}"


def _saved(expected: Expected, plain: Expected) -> Iterator[str]:
    for name, what in (
        ("device_bytes", "bytes on the device"),
        ("transmit_bytes", "bytes to transmit"),
        ("macs", "MACs"),
    ):
        ratio: Any = getattr(expected, name) / max(getattr(plain, name), 1)
        if abs(ratio - 1) >= 0.01:
            yield f"{ratio:.0%} of the {what}"


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        cells = [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))]
        yield "  " + "  ".join(cells).rstrip()
