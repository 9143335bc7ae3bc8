"""A file of weights, coded whole: the weights by the range coder, the rest by deflate.

The format, numbers of 32 bits, little endian: "EWP1", bytes of the file, number of pieces; for each piece its place in
the file and the bytes of its code; the codes; what is left of the file without the pieces, by zlib.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edgewright.coding._coder import decode, encode
from edgewright.coding._estimate import best_width, estimate_bytes
from edgewright.coding._model import MOST, WIDTHS
from edgewright.errors import UserError

MAGIC = b"EWP1"
_HEAD = 12


def pack(file: bytes, weights: Sequence[NDArray[np.int8]]) -> bytes:
    """The file, coded.

    Args:
        file: anything that holds the weights as they are.
        weights: int8, any shape; those that are not in the file, overlap others, or hold -128 are left to deflate.
    """
    places, rest, at = _places(file, weights), bytearray(), 0
    codes = []
    for place, piece in places:
        codes.append(_code(piece))
        rest += file[at:place]
        at = place + piece.size
    rest += file[at:]
    table = [number for (place, _), code in zip(places, codes, strict=True) for number in (place, len(code))]
    head = struct.pack(f"<4s2I{len(table)}I", MAGIC, len(file), len(places), *table)
    return head + b"".join(codes) + zlib.compress(bytes(rest), 9)


def unpack(data: bytes) -> bytes:
    """The file.

    Raises:
        UserError: it is not what `pack` made.
    """
    try:
        return _unpacked(data)
    except (struct.error, zlib.error, ValueError) as error:
        raise UserError("packed file", "truncated or changed", hint="make the file again") from error


def _unpacked(data: bytes) -> bytes:
    magic, size, count = struct.unpack_from("<4s2I", data)
    if magic != MAGIC:
        raise ValueError("no packed file")
    table = struct.unpack_from(f"<{2 * count}I", data, _HEAD)
    codes = _HEAD + 8 * count
    rest = memoryview(zlib.decompress(data[codes + sum(table[1::2]) :]))
    made = bytearray()
    for place, length in zip(table[::2], table[1::2], strict=True):
        missing = place - len(made)
        made += rest[:missing]
        rest = rest[missing:]
        made += decode(data[codes : codes + length]).tobytes()
        codes += length
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


def _code(piece: NDArray[np.int8]) -> bytes:
    """The smaller of the coder's two ways."""
    width = best_width(piece, [piece.shape[-1]] if piece.ndim and piece.shape[-1] in WIDTHS else [])
    runs = estimate_bytes(piece, runs=True) < estimate_bytes(piece, width=width)
    return encode(piece, width=0 if runs else width, runs=runs)
