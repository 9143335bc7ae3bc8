"""docs/import.md: what is written by hand, and the table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from edgewright.text import lines as plain
from testbench.imports._networks import CONVOLUTIONAL, FORMATS

Results = Mapping[str, Mapping[str, Mapping[str, Any]]]
Costs = Mapping[str, Mapping[str, Mapping[str, float]]]

TEXT = Path(__file__).parent / "import.md"
COSTS_HERE = "COSTS"
"""A line of the text, in whose place they stand."""

_MARKS = {"exact": "=", "close": "~", "alone": "o", "differs": "!"}


def page(results: Results, costs: Costs) -> str:
    """All of it."""
    text = TEXT.read_text().rstrip().replace(COSTS_HERE, "\n".join(_costs(costs)))
    return "\n".join([text, "", *_table(results), "", *_reasons(results), ""])


def _costs(costs: Costs) -> Iterator[str]:
    yield "|  | processor time | the converter alone |  | peak of memory | the converter alone |  |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for form in [form for form in FORMATS if form in costs]:
        ours, alone = costs[form]["ours"], costs[form]["alone"]
        cells = [f"{ours['cpu_s']:.1f} s", f"{alone['cpu_s']:.1f} s", f"{ours['cpu_s'] / alone['cpu_s']:.2f}"]
        cells += [
            f"{ours['peak_mb']:.0f} MB",
            f"{alone['peak_mb']:.0f} MB",
            f"{ours['peak_mb'] / alone['peak_mb']:.2f}",
        ]
        yield f"| {FORMATS[form][1]} | {' | '.join(cells)} |"


def is_green(row: Mapping[str, Any]) -> bool:
    """Imported, equal to its origin, and exact as int8."""
    return row["imported"] != "refused" and row["int8"] in {"exact", "close"}


def _table(results: Results) -> Iterator[str]:
    forms = [form for form in FORMATS if form in results]
    yield f"|  | {' | '.join(FORMATS[form][1] for form in forms)} |"
    yield f"|---|{'---|' * len(forms)}"
    for name in dict.fromkeys(name for form in forms for name in results[form]):
        yield f"| {name} | {' | '.join(_cell(results[form].get(name)) for form in forms)} |"
    yield ""
    yield from _shares(results, forms)


def _shares(results: Results, forms: list[str]) -> Iterator[str]:
    rows = [(name, row) for form in forms for name, row in results[form].items()]
    for what, chosen in (("All", rows), ("Of convolutional nets", [each for each in rows if each[0] in CONVOLUTIONAL])):
        green = sum(is_green(row) for _, row in chosen)
        share = f"{green / max(1, len(chosen)):.0%}"
        yield f"{what}: {green} of {len(chosen)} imported, equal, quantized and exact or close ({share})."
    most = max((row["error"] for _, row in rows if row["error"] is not None), default=0.0)
    yield f"The largest difference from an origin is {most:.1e} of the output's greatest magnitude."


def _cell(row: Mapping[str, Any] | None) -> str:
    if row is None:
        return ""
    if row["imported"] == "refused":
        return "r"
    form = "K" if row["imported"] == "keras" else "T"
    moved = f" {row['transposes']}t" if row["transposes"] else ""
    return f"{form} {_MARKS.get(row['int8'], 'r')}{moved}"


def _reasons(results: Results) -> Iterator[str]:
    bad = [(f"{form}/{name}", row) for form, rows in results.items() for name, row in rows.items() if not is_green(row)]
    if not bad:
        return
    yield from ("## What is not green", "", "| file |  | why |", "|---|---|---|")
    for file, row in bad:
        what = "not imported" if row["imported"] == "refused" else f"int8: {row['int8']}"
        yield f"| {file} | {what} | {_why(row['why'])} |"


def _why(text: str) -> str:
    """A message as a cell of the table."""
    return plain(text).replace("|", "/")[:300]
