"""Which units go: those that matter least for what they cost, a few of one group at a time."""

from __future__ import annotations

from dataclasses import dataclass
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
    """

    multiple_of: int
    least: int


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
    waiting = [sorted(units, key=lambda unit: (importance[unit], unit)) for units in structure.groups.values()]
    while ledger.total > goal:
        chunks = [(chunk, units) for units in waiting if (chunk := _chunk(units, limits))]
        worths = [_worth(chunk, importance, ledger, per_cost=per_cost) for chunk, _ in chunks]
        if not chunks:
            break
        chunk, units = chunks[worths.index(min(worths))]
        ledger.remove(chunk)
        del units[: len(chunk)]
    return ledger


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
