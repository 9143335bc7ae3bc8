"""A file of weights, coded whole: the weights by the range coder, the rest by LZMA.

Weights of a dense layer that are the same over blocks of pixels, as latents of 2 x 2 leave them, are coded by block.

The format, numbers of 32 bits, little endian: "EWP2", bytes of the file, number of pieces; for each piece its place in
the file, its symbols, the bytes of its code, and how it is folded (`_fold.py`); the codes; what is left of the file
without the pieces, by LZMA: raw, with the filter below, which knows that files are made of words.
"""

from __future__ import annotations

import lzma
import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edgewright.coding._coder import decode, encode
from edgewright.coding._estimate import best_form
from edgewright.coding._fold import Fold, find_fold
from edgewright.coding._model import MOST
from edgewright.errors import UserError

MAGIC = b"EWP2"
_HEAD = 12
_PIECE = 4  # numbers
_FILTER = [{"id": lzma.FILTER_LZMA1, "dict_size": 1 << 24, "lc": 0, "lp": 2, "pb": 2, "nice_len": 273, "depth": 512}]


def pack(file: bytes, weights: Sequence[NDArray[np.int8]]) -> bytes:
    """The file, coded.

    Args:
        file: anything that holds the weights as they are.
        weights: int8, any shape; those that are not in the file, overlap others, or hold -128 are left to LZMA.
    """
    places, rest, at = _places(file, weights), bytearray(), 0
    codes, table = [], []
    for place, piece in places:
        fold = find_fold(piece)
        small = piece if fold is None else fold.folded(piece)
        codes.append(encode(small, best_form(small)))
        table += [place, small.size, len(codes[-1]), 0 if fold is None else fold.number]
        rest += file[at:place]
        at = place + piece.size
    rest += file[at:]
    head = struct.pack(f"<4s2I{len(table)}I", MAGIC, len(file), len(places), *table)
    return head + b"".join(codes) + lzma.compress(bytes(rest), lzma.FORMAT_RAW, filters=_FILTER)


def unpack(data: bytes) -> bytes:
    """The file.

    Raises:
        UserError: it is not what `pack` made.
    """
    try:
        return _unpacked(data)
    except (struct.error, lzma.LZMAError, ValueError) as error:
        raise UserError("packed file", "truncated or changed", hint="make the file again") from error


def _unpacked(data: bytes) -> bytes:
    magic, size, count = struct.unpack_from("<4s2I", data)
    if magic != MAGIC:
        raise ValueError("no packed file")
    table = struct.unpack_from(f"<{_PIECE * count}I", data, _HEAD)
    at = _HEAD + 4 * _PIECE * count
    rest = memoryview(lzma.decompress(data[at + sum(table[2::_PIECE]) :], lzma.FORMAT_RAW, filters=_FILTER))
    made = bytearray()
    for place, symbols, length, number in zip(*(table[field::_PIECE] for field in range(_PIECE)), strict=True):
        missing = place - len(made)
        made += rest[:missing]
        rest = rest[missing:]
        small = decode(data[at : at + length], symbols)
        made += (Fold.of(number).unfolded(small) if number else small).tobytes()
        at += length
    made += rest
    if len(made) != size:
        raise ValueError("another size")
    return bytes(made)


def _places(file: bytes, weights: Sequence[NDArray[np.int8]]) -> list[tuple[int, NDArray[np.int8]]]:
    """Where in the file the weights lie, by place."""
    pieces = [piece for piece in weights if piece.size and int(piece.min()) >= -MOST]
    found = sorted(((file.find(piece.tobytes()), piece) for piece in pieces), key=lambda each: each[0])
    places, end = [], 0
    for place, piece in found:
        if place >= end:
            places.append((place, piece))
            end = place + piece.size
    return places
