"""What would help where most of the time or of the flash goes, as far as the figures of the layers say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from edgewright.report.page._parts import plain

Row = Mapping[str, Any]

_TELLING = 0.10  # of the whole: a layer of less is not worth the work
_SLOW = 1.4  # times what the best layer with MACs takes for one
_WITH_CHANNELS = ("CONV_2D", "TRANSPOSE_CONV")


def remarks(rows: Sequence[Row], unit: str | None) -> list[str]:
    """Sentences, the most telling first.

    Args:
        rows: the layers in their order: "index", "name", "op", "macs", "cost", "bytes" (of weights), "kernel".
        unit: of "cost": instructions or cycles; None where the device tells nothing of layers.
    """
    found = [*(_of_time(rows, unit) if unit else ()), *_of_flash(rows)]
    tried = "`edgewright advise TARGET MODEL` tries such steps on the model and says what they cost."
    return [*found, tried] if found else []


def _of_time(rows: Sequence[Row], unit: str) -> Iterator[str]:
    whole = sum(row["cost"] or 0 for row in rows)
    slowest = max(rows, key=lambda row: row["cost"] or 0)
    share = (slowest["cost"] or 0) / (whole or 1)
    if share < _TELLING:
        return
    yield f"{_name(slowest)} takes {share:.1%} of the {unit}. {_less(slowest, rows, share)}"
    if pace := _pace(slowest, rows, unit):
        yield pace


def _less(row: Row, rows: Sequence[Row], share: float) -> str:
    """How the layer itself becomes smaller."""
    half = f"about {share / 2:.0%} of the whole (an estimate by MACs)"
    if not row["macs"]:
        return "It multiplies nothing and only moves or converts data: a model that does without saves all of it."
    if row["op"] in _WITH_CHANNELS:
        return f"Half of its output channels (`prune_channels`) would save {half}, and part of the layer after it."
    if row["op"] == "FULLY_CONNECTED" and row is not rows[0]:
        return f"Half of its inputs, by pooling or fewer channels before it, would save {half}; so may `low_rank`."
    return f"Half of its MACs would save {half}."


def _pace(row: Row, rows: Sequence[Row], unit: str) -> str | None:
    """A layer that takes longer for a MAC than another does."""
    paces = {id(other): other["cost"] / other["macs"] for other in rows if other["macs"] and other["cost"]}
    if id(row) not in paces:
        return None
    best = min((other for other in rows if id(other) in paces), key=lambda other: paces[id(other)])
    if paces[id(row)] < _SLOW * paces[id(best)]:
        return None
    ours, theirs = (f"{paces[id(one)]:.2f} {unit} (kernel {one['kernel']})" for one in (row, best))
    return f"A MAC takes {ours} there, {theirs} in layer {best['index']} {plain(best['name'])}."


def _of_flash(rows: Sequence[Row]) -> Iterator[str]:
    whole = sum(row["bytes"] or 0 for row in rows)
    largest = max(rows, key=lambda row: row["bytes"] or 0)
    share = (largest["bytes"] or 0) / (whole or 1)
    if len(rows) > 1 and share >= _TELLING:
        coded = (
            "Zeros (`prune`) or few values (`cluster`), stored coded by `[compile] weights`, or fewer of them "
            "(`low_rank`, `prune_channels`) make flash smaller."
        )
        raw = "They are stored as they are: fewer units make flash smaller."
        yield f"{_name(largest)} holds {share:.1%} of the weights' bytes. {coded if largest['storages'] else raw}"


def _name(row: Row) -> str:
    return f"Layer {row['index']} {plain(row['name'])} ({row['op']})"
