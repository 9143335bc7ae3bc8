"""Symbols as binary decisions, for coder and estimate: the numbers of the format (see the package)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from edgewright.coding._form import FLAGS, Form
from edgewright.errors import UserError

VERSION = 0x21
HEADER_BYTES = 6
"""Before the table of values."""

END_BYTES = 4
"""That the coder ends with."""

MOST = 127
"""Largest magnitude of a symbol."""

SIGNS = FLAGS
"""First context of signs: by the symbol before, which is zero, positive or negative."""

VALUES = 128
"""Numbers stand in the contexts from here on; they use none of 128, which is that of a sign."""

CONTEXTS = 256

Symbols = NDArray[np.int16]


def checked(symbols: NDArray[np.generic]) -> Symbols:
    """The symbols, flat, in row-major order.

    Raises:
        UserError: they are no integers of -127..127.
    """
    flat = np.asarray(symbols).reshape(-1)
    if flat.dtype.kind not in "iu":
        raise UserError("symbols", "no integers", got=flat.dtype.name, allowed="an array of integers")
    if flat.size and (int(flat.min()) < -MOST or int(flat.max()) > MOST):
        worst = max(int(flat.max()), -int(flat.min()))
        raise UserError("symbols", "too large to be coded", got=worst, allowed=f"-{MOST}..{MOST}")
    return flat.astype(np.int16)


def number_decisions(value: int) -> list[tuple[int, int]]:
    """(context, bit) of a number 1..127."""
    top = value.bit_length() - 1
    found = [(1 << i, int(i < top)) for i in range(min(top + 1, 6))]
    found += [((2 * (value >> r) + 1) << (r - 1), (value >> (r - 1)) & 1) for r in range(top, 0, -1)]
    return [(VALUES + context, bit) for context, bit in found]


NUMBERS: tuple[list[tuple[int, int]], ...] = ([], *(number_decisions(value) for value in range(1, MOST + 1)))
"""`number_decisions` of each number; nothing for 0, which is none."""


def numbers_of(table: Sequence[int]) -> Mapping[int, int]:
    """The number of each value: its place in the table from 1 on; its magnitude where there is no table."""
    if table:
        return {value: number for number, value in enumerate(table, start=1)}
    return {sign * value: value for value in range(1, MOST + 1) for sign in (1, -1)}


def table_of(flat: Symbols) -> tuple[int, ...]:
    """The table that makes a code smaller; empty where none does."""
    values, times = np.unique(flat[flat != 0], return_counts=True)
    often = dict(zip(values.tolist(), times.tolist(), strict=True))
    table = tuple(sorted(often, key=lambda value: (-often[value], value)))
    if not 0 < len(table) <= MOST:
        return ()
    return table if 8 * len(table) + bits(value_counts(flat, table)) < bits(value_counts(flat, ())) else ()


def decisions(flat: Symbols, form: Form, table: Sequence[int]) -> Iterator[tuple[int, int]]:
    """All (context, bit), in order."""
    symbols, numbers, before = flat.tolist(), numbers_of(table), 0
    for group in range(flat.size // form.group):
        own, category = symbols[group * form.group : (group + 1) * form.group], group // form.run % form.classes
        if form.group > 1:
            yield category, int(any(own))
            if not any(own):
                before = 0
                continue
        is_seen = 0
        for place, symbol in enumerate(own):
            if form.group == 1:
                yield category, int(symbol != 0)
            elif is_seen or place < form.group - 1:
                yield form.classes + 2 * place + is_seen, int(symbol != 0)
            if symbol:
                is_seen = 1
                if not table:
                    yield SIGNS + (before > 0) + 2 * (before < 0), int(symbol < 0)
                yield from NUMBERS[numbers[symbol]]
            before = symbol


Counts = NDArray[np.int64]
"""(CONTEXTS, 2): how often each decision is 0 and 1."""


def bits(counts: Counts) -> float:
    """The entropy of each context's decisions, and half the logarithm of their number for learning it."""
    total = counts.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.where(counts > 0, -counts * np.log2(counts / total), 0.0)
    return float(each.sum() + 0.5 * np.log2(total[total > 1]).sum())


def value_counts(flat: Symbols, table: Sequence[int]) -> Counts:
    """How often the decisions on signs and numbers fall."""
    counts, numbers = np.zeros((CONTEXTS, 2), np.int64), numbers_of(table)
    values, times = np.unique(flat[flat != 0], return_counts=True)
    for value, often in zip(values.tolist(), times.tolist(), strict=True):
        for context, bit in NUMBERS[numbers[value]]:
            counts[context, bit] += often
    if not table:
        before, there = np.concatenate([[0], np.sign(flat)[:-1]]), flat != 0
        np.add.at(counts, (SIGNS + before[there] % 3, (flat[there] < 0).astype(np.int64)), 1)
    return counts


def flag_counts(flat: Symbols, form: Form) -> Counts:
    """How often zero flags fall."""
    counts = np.zeros((CONTEXTS, 2), np.int64)
    there = (flat != 0).reshape(flat.size // form.group, form.group)
    categories = np.arange(len(there)) // form.run % form.classes
    np.add.at(counts, (categories, there.any(axis=1).astype(np.int64)), 1)
    if form.group > 1:
        used = there[there.any(axis=1)]
        seen = np.cumsum(used, axis=1) - used > 0
        places = form.classes + 2 * np.arange(form.group) + seen
        told = np.ones(used.shape, bool)
        told[:, -1] = seen[:, -1]
        np.add.at(counts, (places[told], used[told].astype(np.int64)), 1)
    return counts
