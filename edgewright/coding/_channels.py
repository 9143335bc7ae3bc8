"""Biases and factors of a layer's channels as few bytes: what ew_weights_channels.h decodes.

A channel has a bias, a multiplier of 2^30..2^31 - 1 and a right shift, as kernels take them. The multipliers of a layer
are often a common factor times small integers, and biases are multiples of what makes about one step of the output: so
`[quantize] factors = "coarse"` leaves them. Then a channel takes some 12 bits. Of others the shift alone becomes small.

The format: numbers through the range coder of this package, without a header; zeros at the end are left out, but for
the first four bytes. A number has 64 contexts from its first one on: its length n in unary, "is n larger than i"
in context i, i = 0..31; if it is not zero its sign in context 33 (1 for negative), and its bits below the highest, the
first of them in context 32 + n, the others in context 32. The numbers are

    once         a factor f, and a precision p: first context 128
    a channel    what its shift is more than that of the one before (0 before the first): first context 0
                 m: first context 192. The multiplier is f * m, shifted up until it is 2^30 or more
                 b: first context 64. The bias is b, shifted up by shift - p where that is positive
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from edgewright.coding._bits import FAST_FIRST, Decoder, encode_bits

SHIFTS, BIASES, ONCE, FACTORS = 0, 64, 128, 192
"""First contexts."""

CONTEXTS = 256
_LONG, _SIGN = 32, 33
_TOP = 30
_LEAST = 4  # bytes: the decoder begins with so many


class ChannelCode(NamedTuple):
    """The bytes, and how many binary decisions they hold."""

    data: bytes
    decisions: int


def encode_channels(
    bias: NDArray[np.int32], multiplier: NDArray[np.int32], shift: NDArray[np.int8]
) -> ChannelCode | None:
    """The channels as bytes; None where there are none, or a multiplier is 0, which has no form here."""
    if not len(bias) or int(multiplier.min()) < 1 << _TOP:
        return None
    factor, small = _factored(multiplier.tolist())
    shifts = shift.astype(int).tolist()
    precision = _precision(bias.tolist(), shifts)
    numbers = [(factor, ONCE), (precision, ONCE)]
    for before, now, of_bias, of_factor in zip([0, *shifts], shifts, bias.tolist(), small, strict=False):
        numbers += [(now - before, SHIFTS), (of_factor, FACTORS), (of_bias >> max(now - precision, 0), BIASES)]
    decisions = [each for value, first in numbers for each in _decisions(value, first)]
    data = encode_bits(decisions, CONTEXTS, FAST_FIRST).rstrip(b"\0")
    return ChannelCode(data.ljust(_LEAST, b"\0"), len(decisions))


def decode_channels(code: bytes, count: int) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int8]]:
    """Biases, multipliers and shifts of `count` channels, as `encode_channels` took them."""
    decoder = _Decoder(code, CONTEXTS, FAST_FIRST)
    factor, precision = decoder.number(ONCE), decoder.number(ONCE)
    rows, shift = [], 0
    for _ in range(count):
        shift += decoder.number(SHIFTS)
        multiplier = factor * decoder.number(FACTORS)
        multiplier <<= max(_TOP + 1 - multiplier.bit_length(), 0)
        rows.append((decoder.number(BIASES) << max(shift - precision, 0), multiplier, shift))
    bias, multipliers, shifts = np.array(rows, np.int64).reshape(-1, 3).T
    return bias.astype(np.int32), multipliers.astype(np.int32), shifts.astype(np.int8)


def _factored(multipliers: list[int]) -> tuple[int, list[int]]:
    """(f, m of each multiplier), each m of the same length; it costs less than m without zeros at its end."""
    odd = [each >> _zeros(each) for each in multipliers]
    for factor in (math.gcd(*odd), 1):
        small = [each // factor for each in odd]
        length = max(each.bit_length() for each in small)
        small = [each << (length - each.bit_length()) for each in small]
        if factor * max(small) < 2 << _TOP:
            break
    return factor, small


def _precision(biases: list[int], shifts: list[int]) -> int:
    """The least p for which each bias is a multiple of 2^(shift - p)."""
    return max([0, *(shift - _zeros(bias) for bias, shift in zip(biases, shifts, strict=True) if bias)])


def _zeros(number: int) -> int:
    """At its end, in binary."""
    return (number & -number).bit_length() - 1


def _decisions(number: int, first: int) -> Iterator[tuple[int, int]]:
    size = abs(number)
    length = size.bit_length()
    yield from ((first + i, int(i < length)) for i in range(min(length + 1, 32)))
    if size:
        yield first + _SIGN, int(number < 0)
    for place in range(length - 2, -1, -1):
        yield first + _LONG + (length if place == length - 2 else 0), size >> place & 1


class _Decoder(Decoder):
    def number(self, first: int) -> int:
        """The next one."""
        length = 0
        while length < 32 and self.bit(first + length):
            length += 1
        is_negative = length > 0 and self.bit(first + _SIGN)
        size = int(length > 0)
        for place in range(length - 1):
            size = 2 * size + self.bit(first + _LONG + (0 if place else length))
        return -size if is_negative else size
