"""How many bytes symbols will take, without coding them: entropies by context, and a price for learning them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from edgewright.coding._form import MOST_GROUP, PLAIN, Form
from edgewright.coding._model import (
    END_BYTES,
    HEADER_BYTES,
    Symbols,
    bits,
    checked,
    flag_counts,
    table_of,
    value_counts,
)

NEAR = 1.03
"""How much larger a code may be than the smallest one if it is faster."""

_GROUPS = (2, 4, 8, 16, 32)
_CYCLES = (*(1 << n for n in range(1, 7)), *(3 << n for n in range(6)), 9, 18, 36, 72)
"""Classes that are tried for symbols whose shape is not known."""


def estimate_bytes(symbols: NDArray[np.generic], form: Form = PLAIN) -> float:
    """About what `encode` returns with these arguments, header and end included.

    The entropy of each context's decisions, and half the logarithm of their number for learning it (Rissanen 1984).
    The coder, whose chances never rest, takes up to 3 % more; it takes less where the distribution of symbols changes
    along the way, which it follows.

    Raises:
        UserError: symbols or form are out of range.
    """
    flat = checked(symbols)
    values, table = _values(flat.tobytes())
    return HEADER_BYTES + table + END_BYTES + (values + bits(flag_counts(flat, form.checked(flat.size)))) / 8


def count_decisions(symbols: NDArray[np.generic], form: Form = PLAIN) -> int:
    """How many binary decisions a decoder takes for these symbols: what its time goes with.

    Raises:
        UserError: symbols or form are out of range.
    """
    flat = checked(symbols)
    counts = flag_counts(flat, form.checked(flat.size)) + value_counts(flat, table_of(flat))
    return int(counts.sum())


def best_form(symbols: NDArray[np.generic], shape: Sequence[int] | None = None) -> Form:
    """Of the forms that suit symbols of a shape the one with the fewest decisions, of those that are nearly smallest.

    Args:
        symbols: integers -127..127.
        shape: dimensions, the last fastest: places in one of them may be more or less likely to be zero. None for that
            of the array; () for one that is not known, of which cycles of all lengths are tried.
    """
    flat = checked(symbols)
    dims = tuple(symbols.shape if shape is None else shape)
    flags = {form: bits(flag_counts(flat, form)) for form in _classes(flat, dims)}
    best = min(flags, key=lambda form: (flags[form], form))
    more = {form for base in (PLAIN, best) for form in _grouped(flat, dims, base)}
    flags |= {form: bits(flag_counts(flat, form)) for form in more}
    beside = HEADER_BYTES + END_BYTES + sum(_values(flat.tobytes())) / 8
    most = NEAR * (beside + min(flags.values()) / 8)
    near = [form for form, own in flags.items() if beside + own / 8 <= most]
    return min(near, key=lambda form: (int(flag_counts(flat, form).sum()), flags[form], form))


def _classes(flat: Symbols, dims: tuple[int, ...]) -> Iterator[Form]:
    yield PLAIN
    pairs = [(math.prod(dims[axis + 1 :]), size) for axis, size in enumerate(dims)] or [(1, size) for size in _CYCLES]
    for run, size in pairs:
        form = Form(1, size, run)
        if size > 1 and form.fits(flat.size):
            yield form


def _grouped(flat: Symbols, dims: tuple[int, ...], base: Form) -> Iterator[Form]:
    """Groups in place of single symbols, as far as a class goes or in a cycle of classes."""
    last = dims[-1:] if dims else ()
    for size in sorted(size for size in {*_GROUPS, *last, *_parts(last)} if size > 1):
        if base.run % size == 0:
            form = Form(size, base.classes, base.run // size)
        else:
            form = Form(size, base.classes // size if base.classes % size == 0 else 1)
        if form.fits(flat.size):
            yield form


def _parts(last: Iterable[int]) -> set[int]:
    return {size // part for size in last for part in (2, 3, 4) if size % part == 0 and size // part <= MOST_GROUP}


@lru_cache(maxsize=64)
def _values(data: bytes) -> tuple[float, int]:
    """Bits of signs and numbers, and bytes of the table."""
    flat = np.frombuffer(data, np.int16)
    table = table_of(flat)
    return bits(value_counts(flat, table)), len(table)
