"""Which units go: those that matter least for what they cost, a few of one group at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from edgewright.passes._structure.costs import Ledger, Measure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgewright.passes._structure.model import Structure


@dataclass(frozen=True)
class Limits:
    """How far the selection may go.

    Attributes:
        multiple_of: a group that loses units keeps a multiple of this many.
        least: a group keeps at least so many units.
        counts: groups that are left with just so many units, whatever the goal is.
    """

    multiple_of: int
    least: int
    counts: Mapping[tuple[str, ...], int] = field(default_factory=dict)


def choose(
    structure: Structure,
    importance: NDArray[np.float64],
    measure: Measure,
    goal: float,
    limits: Limits,
    *,
    per_cost: bool,
) -> Ledger:
    """Let units go until `measure` is not above `goal`, or nothing more may go.

    Args:
        structure: of the model.
        importance: of each unit, by root, [structure.ids].
        measure: what `goal` is counted in.
        goal: the cost to come down to.
        limits: how far it may go.
        per_cost: whether importance is weighed against the cost that is saved.
    """
    ledger = Ledger(structure, measure)
    waiting = []
    for layers, units in structure.groups.items():
        ordered = sorted(units, key=lambda unit: (importance[unit], unit))
        if layers in limits.counts:
            ledger.remove(ordered[: max(0, len(units) - limits.counts[layers])])
        else:
            waiting.append(ordered)
    gone: list[tuple[int, list[int]]] = []
    while ledger.total > goal:
        chunks = {number: chunk for number, units in enumerate(waiting) if (chunk := _chunk(units, limits))}
        if not chunks:
            break
        worths = {number: _worth(chunk, importance, ledger, per_cost=per_cost) for number, chunk in chunks.items()}
        number = min(worths, key=lambda number: worths[number])
        ledger.remove(chunks[number])
        gone.append((number, chunks[number]))
        del waiting[number][: len(chunks[number])]
    _give_back(ledger, gone, goal)
    return ledger


def _give_back(ledger: Ledger, gone: list[tuple[int, list[int]]], goal: float) -> None:
    """The last chunk may have been a large one: what went and still fits under the goal comes back, the last first."""
    closed: set[int] = set()
    for number, chunk in reversed(gone):
        if number not in closed and ledger.total + ledger.added(chunk) <= goal:
            ledger.restore(chunk)
        else:
            closed.add(number)


def smallest(structure: Structure, measure: Measure, limits: Limits) -> float:
    """The cost when all has gone that may go."""
    return choose(structure, np.zeros(structure.ids), measure, -1, limits, per_cost=False).total


def _chunk(units: list[int], limits: Limits) -> list[int]:
    """The next units of a group to go, the least important first; none when the rest must stay."""
    count = len(units) % limits.multiple_of or limits.multiple_of
    return units[:count] if len(units) - count >= limits.least else []


def _worth(chunk: list[int], importance: NDArray[np.float64], ledger: Ledger, *, per_cost: bool) -> float:
    total = float(importance[chunk].sum())
    return total / max(ledger.saved(chunk), 1e-9) if per_cost else total / len(chunk)
