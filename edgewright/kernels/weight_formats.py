"""Weights that stay small in flash: as indices into tables (lut), without zeros (sparse), or coded.

Each is a kernel variant of its operator, in portable C: `<op>_s8_<storage>.h`. They give the bytes that all variants
give; what differs is flash and time. `raw`, bytes as the fast kernels of a core want them, is the rule.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from edgewright.coding import MOST, NEAR, as_words, best_form, count_decisions, encode, estimate_bytes
from edgewright.kernels.call import Const

STORAGES = ("lut", "sparse", "coded")
"""Storages other than raw, by the names of their variants."""

UNPACKED = ("startup", "install")
"""Storages that are codes, too, but unpacked once, into RAM or flash: kernels then find what raw weights are."""

FOLD = "fold"
"""Argument of kernels that add so many times the sum of a row's weights to its bias; 0 where biases are whole."""

DECODER_BYTES = 848
"""Scratch of a decoder; sizeof(ew_weights) with pointers of eight bytes, up to a multiple of 16."""

BLOCK = 4
"""Weights of a block, where zeros come in blocks."""

_FAR = 255


class UnfitError(Exception):
    """Why weights cannot be stored in a way, in a few words."""


def unsupported(lowering: Callable[[], object]) -> str | None:
    """Why the weights of a node do not go into a storage, or None: `lowering` lowers it."""
    try:
        lowering()
    except UnfitError as reason:
        return str(reason)
    return None


@dataclass(frozen=True, eq=False)
class Sparse:
    """Rows of ew_weights_sparse.h: uint32 words of all rows, and uint16 (rows,) words of each."""

    words: NDArray[np.uint32]
    counts: NDArray[np.uint16]

    @property
    def arguments(self) -> tuple[Const, ...]:
        """Arguments of kernels."""
        note = "distances to, and values of, weights that are not zero, two a word"
        return (
            Const("weights", self.words, note, "uint32_t"),
            Const("words", self.counts, "words of each row", "uint16_t"),
        )


def sparse(rows: NDArray[np.int8]) -> Sparse:
    """Weights (rows, depth) without zeros.

    Raises:
        UnfitError: a row is too long.
    """
    packed = [_sparse_row(row) for row in rows]
    if max(map(len, packed)) > 0xFFFF:
        raise UnfitError("a row has more than 65,535 words")
    counts = np.array([len(row) for row in packed], np.uint16)
    return Sparse(np.concatenate(packed), counts)


def _sparse_row(row: NDArray[np.int8]) -> NDArray[np.uint32]:
    gaps, places = _gaps(np.flatnonzero(row))
    values = np.where(places < 0, 0, row[places].view(np.uint8)).astype(np.uint32)
    halves = np.append(gaps | values << 8, np.zeros(len(gaps) % 2, np.uint32))
    return np.asarray(halves[::2] | halves[1::2] << 16, np.uint32)


def sparse_blocks(rows: NDArray[np.int8]) -> Sparse:
    """Weights (rows, depth) without blocks of BLOCK zeros: words of BLOCK distances and BLOCK blocks in turn.

    Raises:
        UnfitError: the depth is no multiple of BLOCK, or a row is too long.
    """
    if rows.shape[1] % BLOCK:
        raise UnfitError(f"{rows.shape[1]} weights a row are no whole blocks of {BLOCK}")
    packed = [_blocks_row(row) for row in rows]
    if max(map(len, packed)) > 0xFFFF:
        raise UnfitError("a row has more than 65,535 words")
    return Sparse(np.concatenate(packed), np.array([len(row) for row in packed], np.uint16))


def _blocks_row(row: NDArray[np.int8]) -> NDArray[np.uint32]:
    blocks = np.ascontiguousarray(row).view("<u4")
    gaps, places = _gaps(np.flatnonzero(blocks))
    values = np.where(places < 0, 0, blocks[places]) if len(places) else np.zeros(0, np.uint32)
    fill = -len(gaps) % BLOCK
    groups = np.append(gaps, np.zeros(fill, np.uint32)).reshape(-1, BLOCK).astype(np.uint8).view("<u4")
    four = np.append(values, np.zeros(fill, np.uint32)).reshape(-1, BLOCK)
    return np.asarray(np.concatenate([groups, four], axis=1).reshape(-1), np.uint32)


def _gaps(places: NDArray[np.int64]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Distances of at most _FAR, and the place that each leads to: -1 for one on the way to a far one."""
    steps = np.diff(places, prepend=0)
    far = np.maximum(steps - 1, 0) // _FAR
    ends = np.cumsum(far + 1) - 1
    count = int(ends[-1]) + 1 if len(ends) else 0
    gaps, found = np.full(count, _FAR, np.uint32), np.full(count, -1, np.int64)
    gaps[ends], found[ends] = steps - far * _FAR, places
    return gaps, found


@dataclass(frozen=True, eq=False)
class Lut:
    """Rows of ew_weights_lut.h: uint32 words, int8 tables of 2^bits, one or one a row."""

    words: NDArray[np.uint32]
    tables: NDArray[np.int8]
    bits: int
    table_step: int

    @property
    def fields(self) -> tuple[tuple[str, int], ...]:
        """Fields for `Call.shape`."""
        return (("bits", self.bits), ("table_step", self.table_step))

    @property
    def arguments(self) -> tuple[Const, ...]:
        """Arguments of kernels."""
        return (
            Const("weights", self.words, f"weights as indices of {self.bits} bits", "uint32_t"),
            Const("tables", self.tables.reshape(-1), "values by index"),
        )


def lut(rows: NDArray[np.int8]) -> Lut:
    """Weights (rows, depth) as indices, with one table if 16 values are enough, else with one for each row.

    Raises:
        UnfitError: a row has more than 16 values.
    """
    values = np.unique(rows)
    sets = [values] if len(values) <= 16 else [np.unique(row) for row in rows]
    most = max(map(len, sets))
    if most > 16:
        raise UnfitError(f"a channel has {most} different weights, a table 16")
    bits = max(2, (most - 1).bit_length())
    tables = np.stack([np.pad(each, (0, (1 << bits) - len(each))) for each in sets]).astype(np.int8)
    indices = [np.searchsorted(sets[i if len(sets) > 1 else 0], row) for i, row in enumerate(rows)]
    words = np.concatenate([_lut_row(row, bits) for row in indices])
    return Lut(words, tables, bits, 1 << bits if len(sets) > 1 else 0)


def _lut_row(indices: NDArray[np.int64], bits: int) -> NDArray[np.uint32]:
    a_word = 32 // bits
    padded = np.pad(indices, (0, -len(indices) % a_word)).reshape(-1, a_word).astype(np.uint32)
    return np.asarray(np.bitwise_or.reduce(padded << (bits * np.arange(a_word, dtype=np.uint32)), axis=1), np.uint32)


@dataclass(frozen=True, eq=False)
class Coded:
    """What ew_weights_coded.h decodes: int32 words, the code's bytes, decisions, the order of rows, sums of rows."""

    words: NDArray[np.int32]
    bytes: int
    decisions: int
    channels: int
    sums: NDArray[np.int64]

    @property
    def arguments(self) -> tuple[Const, ...]:
        """Arguments of kernels."""
        return (Const("weights", self.words, f"{self.bytes} bytes of coded weights", "int32_t", sums=self.sums),)


def coded(rows: NDArray[np.int8], channels: int = 1, window: tuple[int, ...] = ()) -> Coded:
    """Weights (rows, depth), coded.

    Args:
        rows: the weights.
        channels: rows may be coded channel by channel too: [depth / channels][channels] becomes [channels][...].
        window: what a row is made of, for instance (3, 3, 8), where that is known; its last are the channels.

    Raises:
        UnfitError: a weight is -128.
    """
    if np.any(rows < -MOST):
        raise UnfitError("a weight is -128")
    return _coded(rows.tobytes(), rows.shape, channels, window)


@lru_cache(maxsize=256)
def _coded(data: bytes, shape: tuple[int, int], channels: int, window: tuple[int, ...]) -> Coded:
    rows = np.frombuffer(data, np.int8).reshape(shape)
    orders = {order: _ordered(rows, order) for order in sorted({1, channels})}
    dims = {order: _dims(shape, channels, order) for order in orders} if not window else {1: (shape[0], *window)}
    forms = {order: best_form(each, dims[order]) for order, each in orders.items()}
    sizes = {order: estimate_bytes(each, forms[order]) for order, each in orders.items()}
    steps = {order: count_decisions(each, forms[order]) for order, each in orders.items()}
    near = [order for order in orders if sizes[order] <= NEAR * min(sizes.values())]
    best = min(near, key=lambda order: (steps[order], sizes[order]))
    code = encode(orders[best], forms[best])
    return Coded(as_words(code), len(code), steps[best], best, rows.sum(axis=1, dtype=np.int64))


def _dims(shape: tuple[int, int], channels: int, order: int) -> tuple[int, ...]:
    """Of rows in an order, as far as they are known: units, rows and columns of a square image, channels."""
    units, plane = shape[0], shape[1] // channels
    side = round(plane**0.5)
    pixels = (side, side) if side * side == plane else (plane,)
    return (units, channels, *pixels) if order > 1 else (units, *pixels, channels)


def _ordered(rows: NDArray[np.int8], channels: int) -> NDArray[np.int8]:
    return np.ascontiguousarray(rows.reshape(len(rows), -1, channels).transpose(0, 2, 1))
