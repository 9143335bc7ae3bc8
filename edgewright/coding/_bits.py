"""Binary decisions in any number of contexts, through the range coder of this package (see there)."""

from __future__ import annotations

from collections.abc import Iterable

ADAPTATION, SCALE_BITS = 5, 12
_SCALE = 1 << SCALE_BITS
_LOWEST = 1 << 24
_WORD = (1 << 32) - 1


def encode_bits(decisions: Iterable[tuple[int, int]], contexts: int) -> bytes:
    """The code of (context, bit) after (context, bit)."""
    chances = [_SCALE // 2] * contexts
    low, span, out = 0, _WORD, _Bytes()
    for context, bit in decisions:
        chance = chances[context]
        bound = (span >> SCALE_BITS) * chance
        if bit:
            low, span = low + bound, span - bound
            chances[context] = chance - (chance >> ADAPTATION)
        else:
            span = bound
            chances[context] = chance + ((_SCALE - chance) >> ADAPTATION)
        if span < _LOWEST:
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

    def __init__(self, data: bytes, contexts: int, at: int = 0) -> None:
        self._data = data
        self._at = at + 4
        self._code = int.from_bytes(data[at : at + 4].ljust(4, b"\0"), "big")
        self._span = _WORD
        self._chances = [_SCALE // 2] * contexts

    @property
    def is_finished(self) -> bool:
        """Whether all data was read, and fits what was decoded."""
        return self._at == len(self._data) and self._code == 0

    def bit(self, context: int) -> int:
        """The next decision."""
        chance = self._chances[context]
        bound = (self._span >> SCALE_BITS) * chance
        bit = int(self._code >= bound)
        if bit:
            self._code, self._span = self._code - bound, self._span - bound
            self._chances[context] = chance - (chance >> ADAPTATION)
        else:
            self._span = bound
            self._chances[context] = chance + ((_SCALE - chance) >> ADAPTATION)
        if self._span < _LOWEST:
            self._span = self._span << 8 & _WORD
            self._code = (self._code << 8 & _WORD) | (self._data[self._at] if self._at < len(self._data) else 0)
            self._at += 1
        return bit
