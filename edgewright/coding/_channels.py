"""Biases and factors of a layer's channels as few bytes: what ew_weights_channels.h decodes.

A channel has a bias, a multiplier of 2^30..2^31 - 1 and a right shift, as kernels take them. The multipliers of a layer
are often a common factor times small integers, and biases are multiples of what makes about one step of the output: so
`[quantize] factors = "coarse"` leaves them. Then a channel takes 11 to 15 bits, others what their ranges need.

The format: bits, the highest of a byte first; zero bytes at the end are left out. A number is its length in six bits,
and its bits below the highest. A layer is

    once         numbers: a factor f; the lowest shift + 64, and the bits of how much more the highest is; the bits of m
                 below its highest, of which all have the same length; p + 64; the lowest b (2 b, or -2 b - 1 where
                 negative), and the bits of how much more the highest is
    a channel    shift less the lowest; m without its highest bit; b less the lowest. The multiplier is f * m, shifted
                 up until it is 2^30 or more. The bias is b, shifted up by shift - p where that is positive
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MOST_FOLD = 255
"""Times a sum of weights that biases are without."""

_TOP = 30
_LENGTH = 6  # bits of a number's length
_SIGNED = 64  # more than any shift or p is below 0


class ChannelCode(NamedTuple):
    """The bytes, and how many bits they hold."""

    data: bytes
    bits: int


def encode_channels(
    bias: NDArray[np.int32], multiplier: NDArray[np.int32], shift: NDArray[np.int8]
) -> ChannelCode | None:
    """The channels as bytes; None where there are none, or a multiplier is 0, which has no form here."""
    if not len(bias) or int(multiplier.min()) < 1 << _TOP:
        return None
    factor, small = _factored(multiplier.tolist())
    shifts = shift.astype(int).tolist()
    precision = _precision(bias.tolist(), shifts)
    biases = [b >> max(s - precision, 0) for b, s in zip(bias.tolist(), shifts, strict=True)]
    shift_bits, small_bits, bias_bits = _width(shifts), small[0].bit_length() - 1, _width(biases)
    bits = _Writer()
    once = (factor, min(shifts) + _SIGNED, shift_bits, small_bits, precision + _SIGNED, _folded(min(biases)), bias_bits)
    for number in once:
        bits.number(number)
    for s, m, b in zip(shifts, small, biases, strict=True):
        bits.put(s - min(shifts), shift_bits)
        bits.put(m - (1 << small_bits), small_bits)
        bits.put(b - min(biases), bias_bits)
    return ChannelCode(bits.bytes(), bits.count)


def decode_channels(code: bytes, count: int) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int8]]:
    """Biases, multipliers and shifts of `count` channels, as `encode_channels` took them."""
    bits = _Reader(code)
    factor, shift_from, shift_bits, small_bits, precision, bias_from, bias_bits = (bits.number() for _ in range(7))
    rows = []
    for _ in range(count):
        shift = shift_from + bits.take(shift_bits)
        multiplier = factor * (1 << small_bits | bits.take(small_bits))
        multiplier <<= max(_TOP + 1 - multiplier.bit_length(), 0)
        bias = (_unfolded(bias_from) + bits.take(bias_bits)) << max(shift - precision, 0)
        rows.append((bias, multiplier, shift - _SIGNED))
    found = np.array(rows, np.int64).reshape(-1, 3).T
    return found[0].astype(np.int32), found[1].astype(np.int32), found[2].astype(np.int8)


def best_fold(bias: NDArray[np.int32], shift: NDArray[np.int8], sums: NDArray[np.int64]) -> int:
    """The number for which biases take fewest bits where so many times the sum of the weights is taken from each.

    A bias makes up for the mean of what its weights are multiplied with, so that most of it follows from their sum.
    """
    folds = np.array(sorted(range(-MOST_FOLD, MOST_FOLD + 1), key=abs), np.int64)[:, None]
    left = bias.astype(np.int64) - folds * sums
    zeros = np.where(left == 0, _SIGNED, np.frexp((left & -left).astype(np.float64))[1] - 1)
    up = np.maximum(shift - (shift - zeros).max(axis=1, keepdims=True), 0)
    whole = left >> up
    spread = np.where(np.abs(left).max(axis=1) < 1 << 31, whole.max(axis=1) - whole.min(axis=1), np.inf)
    return int(folds[int(np.ceil(np.log2(spread + 1) * len(bias)).argmin()), 0])


def _width(numbers: Sequence[int]) -> int:
    """Bits of how much more the highest is than the lowest."""
    return (max(numbers) - min(numbers)).bit_length()


def _folded(number: int) -> int:
    return 2 * number if number >= 0 else -2 * number - 1


def _unfolded(number: int) -> int:
    return -(number + 1 >> 1) if number & 1 else number >> 1


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
    return max((shift - _zeros(bias) for bias, shift in zip(biases, shifts, strict=True) if bias), default=0)


def _zeros(number: int) -> int:
    """At its end, in binary."""
    return (number & -number).bit_length() - 1


class _Writer:
    def __init__(self) -> None:
        self._bits: list[str] = []
        self.count = 0

    def put(self, value: int, count: int) -> None:
        """The lowest bits of a number."""
        self._bits.append(f"{value:0{count}b}" if count else "")
        self.count += count

    def number(self, value: int) -> None:
        length = value.bit_length()
        self.put(length, _LENGTH)
        self.put(value - (1 << length >> 1), max(length - 1, 0))

    def bytes(self) -> bytes:
        text = "".join(self._bits)
        whole = text.ljust(-(-len(text) // 8) * 8, "0")
        return bytes(int(whole[at : at + 8], 2) for at in range(0, len(whole), 8)).rstrip(b"\0")


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._bits = "".join(f"{byte:08b}" for byte in data)
        self._at = 0

    def take(self, count: int) -> int:
        """The next bits; zeros behind the end."""
        found = self._bits[self._at : self._at + count].ljust(count, "0")
        self._at += count
        return int(found or "0", 2)

    def number(self) -> int:
        length = self.take(_LENGTH)
        return 1 << (length - 1) | self.take(length - 1) if length else 0
