"""The range coder, both ways."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edgewright.coding._bits import FAST_FIRST, Decoder, encode_bits
from edgewright.coding._form import PLAIN, Form
from edgewright.coding._model import (
    CONTEXTS,
    END_BYTES,
    HEADER_BYTES,
    MOST,
    SIGNS,
    VALUES,
    VERSION,
    checked,
    decisions,
    table_of,
)
from edgewright.errors import UserError


def as_words(data: bytes) -> NDArray[np.int32]:
    """Bytes as the little-endian words that a C array has them in, int32 [ceil(len / 4)]; zeros fill the last one."""
    return np.frombuffer(data + bytes(-len(data) % 4), "<i4").astype(np.int32)


def encode(symbols: NDArray[np.generic], form: Form = PLAIN) -> bytes:
    """The symbols as bytes.

    Args:
        symbols: integers -127..127, any shape, taken row-major.
        form: how zeros are told; `best_form` finds it.

    Returns: header and code, as the package says; the same on every machine.

    Raises:
        UserError: symbols or form are out of range.
    """
    flat = checked(symbols)
    form.checked(flat.size)
    table = table_of(flat)
    header = bytes([VERSION, len(table), form.group, form.classes]) + form.run.to_bytes(2, "little")
    code = encode_bits(decisions(flat, form, table), CONTEXTS, FAST_FIRST)
    return header + np.array(table, np.int8).tobytes() + code


def decode(data: bytes, count: int) -> NDArray[np.int8]:
    """The symbols, int8 (count,).

    Args:
        data: as `encode` returned it.
        count: how many symbols there are.

    Raises:
        UserError: the data is truncated, changed, not of this format, or of another number of symbols.
    """
    form, length = _header(data, count)
    end = HEADER_BYTES + length
    decoder = _Decoder(data, end, np.frombuffer(data[HEADER_BYTES:end], np.int8).tolist())
    found = decoder.symbols(count, form)
    if not decoder.is_finished:
        raise UserError("coded weights", "the data was truncated or changed", hint="make the file again")
    return found


def _header(data: bytes, count: int) -> tuple[Form, int]:
    """The form, and the length of the table."""
    least = HEADER_BYTES + (data[1] if len(data) > 1 else 0) + END_BYTES
    if len(data) < least:
        raise UserError("coded weights", "the data is too short", got=f"{len(data)} bytes", allowed=f"from {least} on")
    form = Form(data[2], data[3], int.from_bytes(data[4:HEADER_BYTES], "little"))
    if data[0] != VERSION or data[1] > MOST or data[2] == 0 or not form.fits(count):
        raise UserError("coded weights", "no coded weights, or of another version", got=data[:HEADER_BYTES].hex())
    return form, data[1]


class _Decoder(Decoder):
    """Symbols out of bytes from place `at` on."""

    def __init__(self, data: bytes, at: int, table: Sequence[int]) -> None:
        super().__init__(data, CONTEXTS, FAST_FIRST, at)
        self._table = table
        self._before = 0

    def symbols(self, count: int, form: Form) -> NDArray[np.int8]:
        """All of them."""
        found = np.zeros(count, np.int8)
        for group in range(count // form.group):
            category = group // form.run % form.classes
            if form.group == 1 or self.bit(category):
                self._group(found[group * form.group : (group + 1) * form.group], category, form)
            else:
                self._before = 0
        return found

    def _group(self, found: NDArray[np.int8], category: int, form: Form) -> None:
        is_seen = 0
        for place in range(form.group):
            context = category if form.group == 1 else form.classes + 2 * place + is_seen
            is_known = form.group > 1 and place == form.group - 1 and not is_seen
            self._before = self._value() if is_known or self.bit(context) else 0
            is_seen |= is_known or self._before != 0
            found[place] = self._before

    def _number(self) -> int:
        """A number 1..127."""
        top = 0
        while top < 6 and self.bit(VALUES + (1 << top)):
            top += 1
        value = 1
        for rest in range(top, 0, -1):
            value = 2 * value + self.bit(VALUES + ((2 * value + 1) << (rest - 1)))
        return value

    def _value(self) -> int:
        """A symbol that is not zero, unless the data is broken."""
        if self._table:
            return self._table[min(self._number(), len(self._table)) - 1]
        sign = self.bit(SIGNS + (self._before > 0) + 2 * (self._before < 0))
        return -self._number() if sign else self._number()
