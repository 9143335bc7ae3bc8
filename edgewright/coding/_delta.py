"""The difference of two versions of a file, coded: what a device that has the old one needs to make the new one.

As in bsdiff (C. Percival, "Naive differences of executable code", 2003) the new file is made of stretches of the old
one to which small differences are added, so that a retrained weight costs the bits of its change. The stretches are
found block by block: of the shifts between the files that exact matches vote for, those that cost the fewest bits
together (Viterbi). What the old file does not have is made of what the new one repeats (as LZ77 does), and of literals.
firmware/update/ew_update.c decodes.

Coded by the binary range coder of this package, with 1052 contexts. Format 2 has the chances of coded weights (see the
package). In format 1 a chance begins at 2048 of 4096 and moves by 1/32, stretches are those of the old file alone, and
literals are in one tree.

    until all bytes are made
        kind: decision "not the same" (context 0), if so "literal" (context 1)
        length, a number (contexts 2..9)
        not for literals: change of the shift (place in the old file - place in the new one; 0 at first): magnitude + 1,
            a number (12..19), and if it is not 0 "negative" (10). Behind the end of the old file lies the new one, as
            far as it is made; a stretch may reach into itself, and repeats then what it made
        the bytes: of the same none; literal: in a tree (format 1: 284..539; format 2: see below)
        differences: decision "differs" in context 20 + 2 * (the old byte is 0) + (the byte before was the old one's; so
            at first), if so the difference modulo 256 in a tree (28..283)

A number v >= 1 has n = floor(log2(v)): decisions "n is larger than i" in context min(i, 6), then the n bits of v below
its highest, highest first, in context 7. A byte in a tree: its bits, highest first; a bit's context is the number 1
followed by the bits before it.

A literal of format 2 follows from bytes that were made before it (0 in front of the file): one of them is of the kind 0
if it is 0, 1 if it is 1, 2, 3 or 255, 2 if it is below 64 or at least 192, else 3. The upper four bits are in the tree
284 + 16 * (4 * kind of the byte before + kind of the fourth before), the lower four, behind them, in that from 540 on,
or from 796 on if the fourth before was 0. Weights and the words of tables, side by side in a file, so keep apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgewright.coding._bits import EVEN, FAST_FIRST, Decoder, encode_bits
from edgewright.errors import UserError

KIND, LENGTH, SHIFT_SIGN, SHIFT, SAME, DIFFERENCE, LITERAL, LOWER, CONTEXTS = 0, 2, 10, 12, 20, 28, 284, 540, 1052

RATES = {1: EVEN, 2: FAST_FIRST}
"""How fast chances move, by format."""

_KINDS = [0, *[1] * 3, *[2] * 60, *[3] * 128, *[2] * 63, 1]
"""Of the bytes that literals follow from."""

_BACK = 4
"""The first of them stands so far before."""

BLOCK = 32
"""Bytes of the new file whose shift is chosen at once."""

_WORD = 8
"""Bytes of an exact match that votes for a shift."""

_MOST_SHIFTS = 24
_SWITCH = 40.0
"""Bits that a change of the shift costs, about."""

_LONG = 96
"""So many bytes of the old file are a stretch of their own."""

_REPEATED = 4
"""Bytes by which places that repeat each other are found."""

_TRIED = 24
"""Such places that are looked at, the latest."""

_REPEAT = 12.0
"""Bits that a stretch of what repeats costs, about, with what goes on behind it, and without a change of the shift."""

Bytes = NDArray[np.uint8]
Decisions = Iterator[tuple[int, int]]


@dataclass(frozen=True)
class _Stretch:
    """Bytes of the new file: kind (0 the same, 1 differences, 2 literal), place, end, shift."""

    kind: int
    start: int
    end: int
    shift: int


def encode_delta(old: bytes, new: bytes, version: int = 2) -> bytes:
    """What makes `new` of `old`, in a version of the format.

    Zeros at the end, which a decoder takes for granted, are left out.
    """
    before, after = np.frombuffer(old, np.uint8), np.frombuffer(new, np.uint8)
    found = [_stretches(before, after)]
    if version > 1:
        alone = [_Stretch(2, 0, len(after), 0)] if len(after) else []
        mixed, alone = (_with_repeats(each, before, after) for each in (*found, alone))
        found = [mixed] if mixed == alone else [mixed, alone]
    codes = (encode_bits(_decisions(before, after, each, version), CONTEXTS, RATES[version]) for each in found)
    return min((code.rstrip(b"\0") for code in codes), key=len)


def decode_delta(old: bytes, data: bytes, size: int, version: int = 2) -> bytes:
    """The new file, of `size` bytes, from a delta of a version of the format.

    Raises:
        UserError: the data asks for what there is not.
    """
    decoder, made, shift = Decoder(data, CONTEXTS, RATES[version]), bytearray(), 0
    while len(made) < size:
        kind = 1 + decoder.bit(KIND + 1) if decoder.bit(KIND) else 0
        length = _number(decoder, LENGTH)
        if kind < 2:
            distance = _number(decoder, SHIFT) - 1
            shift += -distance if distance and decoder.bit(SHIFT_SIGN) else distance
        start = len(made) + shift
        behind = len(old) + (len(made) if version > 1 else 0)  # where a stretch may begin, or, in format 1, end
        ends = start + length <= behind if version == 1 else start < behind
        if len(made) + length > size or (kind < 2 and not (start >= 0 and ends)):
            raise UserError("update", "truncated or changed", hint="make the file again")
        _make(decoder, kind, old, made, (shift, length, version))
    return bytes(made)


def _make(decoder: Decoder, kind: int, old: bytes, made: bytearray, how: tuple[int, int, int]) -> None:
    """Put the bytes of a stretch behind what is made; `how`: shift, length, version of the format."""
    shift, length, version = how
    same = 1
    for _ in range(length):
        if kind == 2:
            made.append(_byte(decoder, *_literal_trees(made, len(made), version)))
            continue
        place = len(made) + shift
        byte = old[place] if place < len(old) else made[place - len(old)]
        if kind == 1:
            same = 1 - decoder.bit(SAME + 2 * (byte == 0) + same)
            byte = byte if same else (byte + _byte(decoder, DIFFERENCE, DIFFERENCE)) & 255
        made.append(byte)


def _number(decoder: Decoder, contexts: int) -> int:
    top = 0
    while top < 31 and decoder.bit(contexts + min(top, 6)):
        top += 1
    value = 1
    for _ in range(top):
        value = 2 * value + decoder.bit(contexts + 7)
    return value


def _byte(decoder: Decoder, upper: int, lower: int) -> int:
    value = 1
    while value < 256:
        value = 2 * value + decoder.bit((upper if value < 16 else lower) + value)
    return value - 256


def _literal_trees(made: bytes | bytearray, at: int, version: int) -> tuple[int, int]:
    """The trees of the upper and of the lower four bits of the literal at a place."""
    if version == 1:
        return LITERAL, LITERAL
    last, fourth = (made[at - back] if at >= back else 0 for back in (1, 4))
    return LITERAL + 16 * (4 * _KINDS[last] + _KINDS[fourth]), LOWER + (256 if fourth == 0 else 0)


def _decisions(old: Bytes, new: Bytes, stretches: Sequence[_Stretch], version: int) -> Decisions:
    shift = 0
    for each in stretches:
        yield KIND, int(each.kind > 0)
        if each.kind:
            yield KIND + 1, each.kind - 1
        yield from _number_decisions(each.end - each.start, LENGTH)
        if each.kind < 2:
            distance, shift = each.shift - shift, each.shift
            yield from _number_decisions(abs(distance) + 1, SHIFT)
            if distance:
                yield SHIFT_SIGN, int(distance < 0)
        yield from _content(old, new, each, version)


def _content(old: Bytes, new: Bytes, each: _Stretch, version: int) -> Decisions:
    made = new[each.start : each.end].tolist()
    if each.kind == 2:
        first = max(each.start - _BACK, 0)
        known = new[first : each.end].tobytes()
        for at, byte in enumerate(made, each.start - first):
            yield from _byte_decisions(byte, *_literal_trees(known, at, version))
    if each.kind != 1:
        return
    same = 1
    for before, after in zip(old[each.start + each.shift : each.end + each.shift].tolist(), made, strict=True):
        yield SAME + 2 * (before == 0) + same, int(before != after)
        same = int(before == after)
        if not same:
            yield from _byte_decisions(after - before & 255, DIFFERENCE, DIFFERENCE)


def _number_decisions(value: int, contexts: int) -> Decisions:
    top = value.bit_length() - 1
    for i in range(min(top + 1, 31)):
        yield contexts + min(i, 6), int(i < top)
    for place in range(top - 1, -1, -1):
        yield contexts + 7, value >> place & 1


def _byte_decisions(byte: int, upper: int, lower: int) -> Decisions:
    value = 1
    for place in range(7, -1, -1):
        bit = byte >> place & 1
        yield (upper if value < 16 else lower) + value, bit
        value = 2 * value + bit


def _stretches(old: Bytes, new: Bytes) -> list[_Stretch]:
    """The new file as stretches, in order."""
    shifts = _shifts(old, new)
    chosen = _cheapest(_costs(old, new, shifts))
    found, at = [], 0
    while at < len(chosen):
        end = at + 1
        while end < len(chosen) and chosen[end] == chosen[at]:
            end += 1
        start, stop = at * BLOCK, min(end * BLOCK, len(new))
        if chosen[at] == len(shifts):
            found.append(_Stretch(2, start, stop, 0))
        else:
            found += _parts(old, new, start, stop, shifts[chosen[at]])
        at = end
    return found


def _with_repeats(stretches: Sequence[_Stretch], old: Bytes, new: Bytes) -> list[_Stretch]:
    """The same, where literals that the old file has, or the new one has had before, are taken from there."""
    base, found = len(old), list[_Stretch]()
    data = old.tobytes() + new.tobytes()
    bits = np.concatenate([[0.0], np.cumsum(_literal_bits(new))]).tolist()
    places, shift = dict[bytes, list[int]](), 0
    _remember(places, data, 0, base)
    for each in stretches:
        first = at = each.start
        while at < each.end:
            step, before = each.end - at, -1
            if each.kind == 2:
                before, step = _repeat(data, base + at, base + each.end, places, (bits, base, shift))
            if before >= 0:
                if first < at:
                    found.append(_Stretch(2, first, at, 0))
                shift = before - at
                found.append(_Stretch(0, at, at + step, shift))
                first = at + step
            _remember(places, data, base + at, base + at + step)
            at += step
        if first < each.end:
            found.append(_Stretch(each.kind, first, each.end, each.shift))
            shift = each.shift if each.kind < 2 else shift
    return found


def _remember(places: dict[bytes, list[int]], data: bytes, start: int, end: int) -> None:
    for place in range(start, end):
        places.setdefault(data[place : place + _REPEATED], []).append(place)


def _repeat(
    data: bytes, at: int, end: int, places: Mapping[bytes, Sequence[int]], costs: tuple[Sequence[float], int, int]
) -> tuple[int, int]:
    """(place, length) of what stood before and saves most bits here; where nothing does, (-1, bytes to go on).

    `costs`: bits of literals up to each place of the new file, where this begins in `data`, and the last shift.
    """
    bits, base, last = costs
    best, where, length, step = 0.0, -1, 0, 1
    again = at - base + last
    for place in (*places.get(data[at : at + _REPEATED], ())[-_TRIED:], *([again] if 0 <= again < at else [])):
        same = _same(data, place, at, end)
        gain = bits[at - base + same] - bits[at - base] - _REPEAT - 2 * abs(place - again).bit_length()
        if same and gain > best:
            best, where, length = gain, place, same
        step = max(step, same // 2)  # what repeats at length and is worth nothing is not looked at again and again
    return (where, length) if where >= 0 else (-1, step)


def _same(data: bytes, place: int, at: int, end: int) -> int:
    """How many bytes from `at` on, before `end`, are those from `place` on."""
    length = 0
    whole = end - BLOCK  # the last place at which as many bytes are compared at once
    while at + length <= whole and _block(data, place + length) == _block(data, at + length):
        length += BLOCK
    while at + length < end and data[place + length] == data[at + length]:
        length += 1
    return length


def _block(data: bytes, at: int) -> bytes:
    return data[at : at + BLOCK]


def _parts(old: Bytes, new: Bytes, start: int, stop: int, shift: int) -> list[_Stretch]:
    """A stretch with one shift, long runs of equal bytes apart."""
    differs = np.flatnonzero(old[start + shift : stop + shift] != new[start:stop]) + start
    edges = np.concatenate([[start - 1], differs, [stop]])
    gaps = np.flatnonzero(np.diff(edges) > _LONG)
    found, at = [], start
    for gap in gaps.tolist():
        first, last = int(edges[gap]) + 1, int(edges[gap + 1])
        if at < first:
            found.append(_Stretch(1, at, first, shift))
        found.append(_Stretch(0, first, last, shift))
        at = last
    if at < stop:
        found.append(_Stretch(1, at, stop, shift))
    return found


def _shifts(old: Bytes, new: Bytes) -> list[int]:
    """Places in the old file minus places in the new one, those that most exact matches vote for."""
    fixed = [0, len(old) - len(new)]
    places, votes = _words(old), dict[int, int]()
    for word, at in _words(new).items():
        if word in places:
            shift = places[word] - at
            votes[shift] = votes.get(shift, 0) + 1
    best = sorted(votes, key=lambda shift: (-votes[shift], shift))[:_MOST_SHIFTS]
    return list(dict.fromkeys([*fixed, *best]))


def _words(data: Bytes) -> dict[bytes, int]:
    """The place of each word that occurs just once."""
    raw, found, twice = data.tobytes(), dict[bytes, int](), set[bytes]()
    for at in range(len(raw) - _WORD + 1):
        word = raw[at : at + _WORD]
        if found.setdefault(word, at) != at:
            twice.add(word)
    return {word: at for word, at in found.items() if word not in twice}


def _costs(old: Bytes, new: Bytes, shifts: Sequence[int]) -> NDArray[np.float64]:
    """Bits, about, of each block (rows) by each shift and as literals (columns)."""
    blocks = -(-len(new) // BLOCK)
    table = np.empty((blocks, len(shifts) + 1))
    for column, shift in enumerate(shifts):
        places = np.arange(len(new)) + shift
        inside = (places >= 0) & (places < len(old))
        difference = (new - old[np.where(inside, places, 0)]).view(np.int8).astype(np.float64) if len(old) else 0.0
        bits = np.where(difference == 0, 0.2, 2 + 1.5 * np.log2(1 + np.abs(difference)))
        table[:, column] = _by_block(np.where(inside, bits, np.inf), blocks)
    table[:, -1] = _by_block(_literal_bits(new), blocks)
    return table


def _literal_bits(new: Bytes) -> NDArray[np.float64]:
    counts = np.bincount(new, minlength=256)
    return np.asarray(-np.log2(np.maximum(counts, 1) / max(1, len(new)))[new])


def _by_block(bits: NDArray[np.float64], blocks: int) -> NDArray[np.float64]:
    padded = np.concatenate([bits, np.zeros(blocks * BLOCK - len(bits))])
    return np.asarray(padded.reshape(blocks, BLOCK).sum(axis=1))


def _cheapest(costs: NDArray[np.float64]) -> list[int]:
    """The column of each block such that costs and changes of the column are fewest together."""
    best, came = np.zeros(costs.shape[1]), np.zeros(costs.shape, np.int64)
    for row in range(len(costs)):
        cheapest = int(best.argmin())
        switch = best[cheapest] + _SWITCH < best
        came[row] = np.where(switch, cheapest, np.arange(len(best)))
        best = np.where(switch, best[cheapest] + _SWITCH, best) + costs[row]
    column, chosen = int(best.argmin()), []
    for row in range(len(costs) - 1, -1, -1):
        chosen.append(column)
        column = int(came[row][column])
    return chosen[::-1]
