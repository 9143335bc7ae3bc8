"""The range coder, both ways."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from edgewright.coding._bits import Decoder, encode_bits
from edgewright.coding._model import (
    CONTEXTS,
    END_BYTES,
    FLAGS,
    HEADER_BYTES,
    MOST,
    NUMBERS,
    RUNS,
    VALUES,
    WIDTHS,
    Decisions,
    by_table,
    checked,
    flag_contexts,
    run_numbers,
    table_of,
)
from edgewright.errors import UserError

MAX_COUNT = 1 << 28
"""Symbols that are decoded at most; a header that says more is broken."""


def as_words(data: bytes) -> NDArray[np.int32]:
    """Bytes as the little-endian words that a C array has them in, int32 [ceil(len / 4)]; zeros fill the last one."""
    return np.frombuffer(data + bytes(-len(data) % 4), "<i4").astype(np.int32)


def encode(symbols: NDArray[np.generic], *, width: int = 0, runs: bool = False) -> bytes:
    """The symbols as bytes.

    Args:
        symbols: integers -127..127, any shape, taken row-major.
        width: distance to a symbol that is likely to be zero together with this one (the row above), 0 for none.
            Not used with runs.
        runs: code runs of zeros: decoded faster when most symbols are zero, often a few per cent larger.

    Returns: header and code, as the package says; the same on every machine.

    Raises:
        UserError: symbols or width are out of range.
    """
    flat = checked(symbols, width)
    table = table_of(flat)
    values = by_table(table)
    decisions = _run_decisions(flat, values) if runs else _flag_decisions(flat, width, values)
    header = bytes([RUNS if runs else FLAGS, 0 if runs else width, len(table), 0]) + flat.size.to_bytes(4, "little")
    return header + np.array(table, np.int8).tobytes() + encode_bits(decisions, CONTEXTS)


def decode(data: bytes, count: int | None = None) -> NDArray[np.int8]:
    """The symbols, int8 (n,).

    Args:
        data: as `encode` returned it.
        count: how many symbols there are, where that is known.

    Raises:
        UserError: the data is truncated, changed, not of this format, or of another number of symbols.
    """
    kind, width, length, told = _header(data)
    if count not in (None, told):
        raise UserError("coded weights", "another number of symbols", got=told, allowed=str(count))
    count = told
    end = HEADER_BYTES + length
    decoder = _Decoder(data, end, np.frombuffer(data[HEADER_BYTES:end], np.int8).tolist())
    found = _decode_runs(decoder, count) if kind == RUNS else _decode_flags(decoder, count, width)
    if not decoder.is_finished:
        raise UserError("coded weights", "the data was truncated or changed", hint="make the file again")
    return found


def _header(data: bytes) -> tuple[int, int, int, int]:
    """Kind, width, length of the table, number of symbols."""
    least = HEADER_BYTES + (data[2] if len(data) > 2 else 0) + END_BYTES
    if len(data) < least:
        raise UserError("coded weights", "the data is too short", got=f"{len(data)} bytes", allowed=f"from {least} on")
    kind, width, length, count = data[0], data[1], data[2], int.from_bytes(data[4:HEADER_BYTES], "little")
    if kind not in (FLAGS, RUNS) or length > MOST or width not in WIDTHS or data[3]:
        raise UserError("coded weights", "no coded weights, or of another version", got=data[:3].hex())
    if count > MAX_COUNT:
        raise UserError("coded weights", "too many symbols", got=count, allowed=f"up to {MAX_COUNT}")
    return kind, width, length, count


def _flag_decisions(flat: NDArray[np.int16], width: int, values: Decisions) -> Iterator[tuple[int, int]]:
    for context, symbol in zip(flag_contexts(flat, width).tolist(), flat.tolist(), strict=True):
        yield context, int(symbol != 0)
        if symbol:
            yield from values[symbol]


def _run_decisions(flat: NDArray[np.int16], values: Decisions) -> Iterator[tuple[int, int]]:
    for number, symbol in run_numbers(flat):
        yield from NUMBERS[number]
        if symbol:
            yield from values[symbol]


class _Decoder(Decoder):
    """Symbols out of bytes from place `at` on."""

    def __init__(self, data: bytes, at: int, table: Sequence[int]) -> None:
        super().__init__(data, CONTEXTS, at)
        self._table = table

    def number(self, table: int) -> int:
        """A number 1..127 of a table of contexts."""
        top = 0
        while top < 6 and self.bit(table + (1 << top)):
            top += 1
        value = 1
        for rest in range(top, 0, -1):
            value = 2 * value + self.bit(table + ((2 * value + 1) << (rest - 1)))
        return value

    def value(self) -> int:
        """A symbol that is not zero, unless the data is broken."""
        if self._table:
            return self._table[min(self.number(VALUES), len(self._table)) - 1]
        sign = self.bit(VALUES)
        magnitude = self.number(VALUES)
        return -magnitude if sign else magnitude


def _decode_flags(decoder: _Decoder, count: int, width: int) -> NDArray[np.int8]:
    found = np.zeros(count, np.int8)
    history = 0  # bit i: whether the symbol i places back is not zero
    for i in range(count):
        flag = decoder.bit((history & 2) + (history >> width & 1))
        history = (history | flag) << 1 & 0xFFFFFFFF
        if flag:
            found[i] = decoder.value()
    return found


def _decode_runs(decoder: _Decoder, count: int) -> NDArray[np.int8]:
    found = np.zeros(count, np.int8)
    at = 0
    while at < count:
        number = decoder.number(0)
        at += number - 1
        if at > count:
            raise UserError("coded weights", "the data was truncated or changed", hint="make the file again")
        if number < MOST and at < count:
            found[at] = decoder.value()
            at += 1
    return found
