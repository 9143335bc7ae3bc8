"""Symbols as binary decisions, for coder and estimate: the numbers of the format (see the package)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from edgewright.errors import UserError

FLAGS, RUNS = 0x11, 0x12
HEADER_BYTES = 8
"""Before the table of values."""

END_BYTES = 4
"""That the coder ends with."""

MOST = 127
"""Largest magnitude of a symbol."""

WIDTHS = range(32)
LONGEST_RUN = MOST - 1
"""Zeros of a run that another run follows."""

VALUES = 128
"""First context of the values; the sign's."""

CONTEXTS = 256
SCALE_BITS = 12
ADAPTATION = 5


def checked(symbols: NDArray[np.generic], width: int) -> NDArray[np.int16]:
    """The symbols, flat, in row-major order.

    Raises:
        UserError: they are no integers of -127..127, or the width is out of range.
    """
    flat = np.asarray(symbols).reshape(-1)
    if flat.dtype.kind not in "iu":
        raise UserError("symbols", "no integers", got=flat.dtype.name, allowed="an array of integers")
    if flat.size and (int(flat.min()) < -MOST or int(flat.max()) > MOST):
        worst = max(int(flat.max()), -int(flat.min()))
        raise UserError("symbols", "too large to be coded", got=worst, allowed=f"-{MOST}..{MOST}")
    if width not in WIDTHS:
        raise UserError("width", "out of range", got=width, allowed=f"{WIDTHS.start}..{WIDTHS.stop - 1}")
    return flat.astype(np.int16)


def number_decisions(value: int) -> list[tuple[int, int]]:
    """(context in its table, bit) of a number 1..127."""
    top = value.bit_length() - 1
    found = [(1 << i, int(i < top)) for i in range(min(top + 1, 6))]
    return found + [((2 * (value >> r) + 1) << (r - 1), (value >> (r - 1)) & 1) for r in range(top, 0, -1)]


NUMBERS: tuple[list[tuple[int, int]], ...] = ([], *(number_decisions(value) for value in range(1, MOST + 1)))
"""`number_decisions` of each number; nothing for 0, which is none."""

Decisions = Mapping[int, list[tuple[int, int]]]
"""(context, bit) of each symbol that is not zero, without those that say that it is not."""

SIGNED: Decisions = {
    sign * value: [(VALUES, int(sign < 0)), *((VALUES + c, b) for c, b in NUMBERS[value])]
    for value in range(1, MOST + 1)
    for sign in (1, -1)
}
"""Of symbols that are coded by sign and magnitude."""


def by_table(table: Sequence[int]) -> Decisions:
    """Of symbols that are coded by their place in a table; an empty table stands for sign and magnitude."""
    numbered = {value: [(VALUES + c, b) for c, b in NUMBERS[number]] for number, value in enumerate(table, start=1)}
    return numbered or SIGNED


def table_of(flat: NDArray[np.int16]) -> tuple[int, ...]:
    """The table that makes a code smaller; empty where none does."""
    values, times = np.unique(flat[flat != 0], return_counts=True)
    counts = dict(zip(values.tolist(), times.tolist(), strict=True))
    table = tuple(sorted(counts, key=lambda value: (-counts[value], value)))
    if not 0 < len(table) <= MOST:
        return ()
    with_table = 8 * len(table) + bits(symbol_counts(counts, by_table(table)))
    return table if with_table < bits(symbol_counts(counts, SIGNED)) else ()


Counts = NDArray[np.int64]
"""(CONTEXTS, 2): how often each decision is 0 and 1."""


def bits(counts: Counts) -> float:
    """The entropy of each context's decisions, and half the logarithm of their number for learning it."""
    total = counts.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.where(counts > 0, -counts * np.log2(counts / total), 0.0)
    return float(each.sum() + 0.5 * np.log2(total[total > 1]).sum())


def symbol_counts(times: Mapping[int, int], decisions: Decisions) -> Counts:
    """How often the decisions on values fall, by how often each value does."""
    counts = np.zeros((CONTEXTS, 2), np.int64)
    for symbol, often in times.items():
        for context, bit in decisions[symbol]:
            counts[context, bit] += often
    return counts


def flag_contexts(flat: NDArray[np.int16], width: int) -> NDArray[np.int64]:
    """The context of each symbol's zero flag."""
    there = np.concatenate([np.zeros(max(width, 1), np.int64), flat != 0])
    count, end = flat.size, there.size
    above = there[end - count - width : end - width] if width else 0
    return np.asarray(2 * there[end - count - 1 : end - 1] + above, np.int64)


def run_numbers(flat: NDArray[np.int16]) -> list[tuple[int, int]]:
    """(number, symbol after it or 0) of each run of zeros, in order."""
    found: list[tuple[int, int]] = []
    places = np.flatnonzero(flat)
    ends = np.append(places, flat.size)
    for run, place in zip(np.diff(ends, prepend=-1) - 1, ends, strict=True):
        found += [(MOST, 0)] * (int(run) // LONGEST_RUN)
        rest = int(run) % LONGEST_RUN
        if place < flat.size:
            found.append((rest + 1, int(flat[place])))
        elif rest:
            found.append((rest + 1, 0))
    return found
