"""Binary decisions in any number of contexts, through the range coder of this package (see there)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_LOWEST = 1 << 24
_WORD = (1 << 32) - 1


@dataclass(frozen=True)
class Rates:
    """How chances are kept, and how fast they learn.

    Attributes:
        bits: of a chance, the chance of a 0; it begins in the middle.
        shifts: at a context's first decision, the second, ..., the last of them from there on: a chance moves by
            1 / 2^shift of what is missing.
    """

    bits: int
    shifts: tuple[int, ...]


EVEN = Rates(12, (5,))
"""Of updates (`_delta.py`)."""

FAST_FIRST = Rates(16, tuple(2 + seen // 4 for seen in range(17)))
"""Of weights, which are few: what a context sees first counts most."""


def encode_bits(decisions: Iterable[tuple[int, int]], contexts: int, rates: Rates) -> bytes:
    """The code of (context, bit) after (context, bit)."""
    bits, shifts, last, whole = rates.bits, rates.shifts, len(rates.shifts) - 1, 1 << rates.bits
    chances, seen = [whole // 2] * contexts, [0] * contexts
    low, span, out = 0, _WORD, _Bytes()
    for context, bit in decisions:
        chance, times = chances[context], seen[context]
        bound = (span >> bits) * chance
        if bit:
            low, span = low + bound, span - bound
            chances[context] = chance - (chance >> shifts[times])
        else:
            span = bound
            chances[context] = chance + ((whole - chance) >> shifts[times])
        if times < last:
            seen[context] = times + 1
        while span < _LOWEST:
            span, low = span << 8 & _WORD, out.shift(low)
    return out.finished(low)


class _Bytes:
    """Bytes of the code; the last of them may still take a carry."""

    def __init__(self) -> None:
        self._all = bytearray()
        self._last = 0
        self._full = 0

    def shift(self, low: int) -> int:
        """Takes the highest byte out of `low` (33 bits, one of them the carry), and returns what is left."""
        if low < 0xFF000000 or low > _WORD:
            carry = low >> 32
            self._all.append(self._last + carry & 0xFF)
            self._all += bytes([0xFF + carry & 0xFF]) * self._full
            self._last, self._full = low >> 24 & 0xFF, 0
        else:
            self._full += 1
        return (low & 0x00FFFFFF) << 8

    def finished(self, low: int) -> bytes:
        """All bytes, with the four of the coder's state at the end."""
        for _ in range(5):
            low = self.shift(low)
        return bytes(self._all[1:])  # the first is always 0


class Decoder:
    """Decisions out of bytes, from place `at` on; beyond the end there are zeros, and the decoder is not finished."""

    def __init__(self, data: bytes, contexts: int, rates: Rates, at: int = 0) -> None:
        self._data = data
        self._rates = rates
        self._at = at + 4
        self._code = int.from_bytes(data[at : at + 4].ljust(4, b"\0"), "big")
        self._span = _WORD
        self._chances = [1 << (rates.bits - 1)] * contexts
        self._seen = [0] * contexts

    @property
    def is_finished(self) -> bool:
        """Whether all data was read, and fits what was decoded."""
        return self._at == len(self._data) and self._code == 0

    def bit(self, context: int) -> int:
        """The next decision."""
        chance = self._chances[context]
        bound = (self._span >> self._rates.bits) * chance
        bit = int(self._code >= bound)
        if bit:
            self._code, self._span = self._code - bound, self._span - bound
        else:
            self._span = bound
        self._learn(context, chance, bit)
        while self._span < _LOWEST:
            self._span = self._span << 8 & _WORD
            self._code = (self._code << 8 & _WORD) | (self._data[self._at] if self._at < len(self._data) else 0)
            self._at += 1
        return bit

    def _learn(self, context: int, chance: int, bit: int) -> None:
        times, shifts = self._seen[context], self._rates.shifts
        missing = -(chance >> shifts[times]) if bit else ((1 << self._rates.bits) - chance) >> shifts[times]
        self._chances[context] = chance + missing
        self._seen[context] = min(times + 1, len(shifts) - 1)
