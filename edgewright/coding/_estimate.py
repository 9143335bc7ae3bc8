"""How many bytes symbols will take, without coding them: entropies by context, and a price for learning them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from edgewright.coding._model import (
    CONTEXTS,
    END_BYTES,
    HEADER_BYTES,
    MOST,
    NUMBERS,
    WIDTHS,
    Counts,
    bits,
    by_table,
    checked,
    flag_contexts,
    run_numbers,
    symbol_counts,
    table_of,
)


def estimate_bytes(symbols: NDArray[np.generic], *, width: int = 0, runs: bool = False) -> float:
    """About what `encode` returns with these arguments, header and end included.

    The entropy of each context's decisions, and half the logarithm of their number for learning it (Rissanen 1984).
    The coder, whose probabilities never rest, takes up to 3 % more; it takes less where the distribution of symbols
    changes along the way, which it follows.

    Raises:
        UserError: symbols or width are out of range.
    """
    flat = checked(symbols, width)
    table = table_of(flat)
    return HEADER_BYTES + len(table) + END_BYTES + bits(_counts(flat, table, width, runs=runs)) / 8


def count_decisions(symbols: NDArray[np.generic], *, width: int = 0, runs: bool = False) -> int:
    """How many binary decisions a decoder takes for these symbols: what its time goes with.

    Raises:
        UserError: symbols or width are out of range.
    """
    flat = checked(symbols, width)
    return int(_counts(flat, table_of(flat), width, runs=runs).sum())


def best_width(symbols: NDArray[np.generic], widths: Iterable[int]) -> int:
    """Of some widths the one with the smallest estimate, 0 among them; the smallest of equal ones."""
    flat = checked(symbols, 0)
    fitting = sorted({0, *(width for width in widths if width in WIDTHS)})
    return min(fitting, key=lambda width: estimate_bytes(flat, width=width))


def _counts(flat: NDArray[np.int16], table: tuple[int, ...], width: int, *, runs: bool) -> Counts:
    times = dict(zip(*(part.tolist() for part in np.unique(flat[flat != 0], return_counts=True)), strict=True))
    counts = symbol_counts(times, by_table(table))
    counts += _run_counts(flat) if runs else _flag_counts(flat, width)
    return counts


def _flag_counts(flat: NDArray[np.int16], width: int) -> Counts:
    counts = np.zeros((CONTEXTS, 2), np.int64)
    np.add.at(counts, (flag_contexts(flat, width), (flat != 0).astype(np.int64)), 1)
    return counts


def _run_counts(flat: NDArray[np.int16]) -> Counts:
    counts = np.zeros((CONTEXTS, 2), np.int64)
    numbers = np.bincount([number for number, _ in run_numbers(flat)], minlength=MOST + 1)
    for number in np.flatnonzero(numbers).tolist():
        for context, bit in NUMBERS[number]:
            counts[context, bit] += numbers[number]
    return counts
