"""The arrays of a program that are stored coded: their codes, and where each goes when it is unpacked."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from edgewright.coding import as_words
from edgewright.compiler.emit._arrays import Arrays
from edgewright.kernels.call import Piece

PLACE = 8
"""Each piece begins at a multiple of this: EW_WEIGHTS_PLACE."""


@dataclass(frozen=True)
class Record:
    """A piece as generated code has it.

    Attributes:
        place: its first byte in the unpacked weights.
        code, plain: names of arrays; "0" for none.
    """

    place: int
    code: str
    plain: str
    piece: Piece


class Pieces:
    """Pieces in order of first use, each content once."""

    def __init__(self, arrays: Arrays) -> None:
        self._arrays = arrays
        self._places: dict[bytes, int] = {}
        self.all: list[Record] = []
        self.image = b""

    def place_of(self, piece: Piece, name: str) -> int:
        """Where in the unpacked weights the piece is."""
        if piece.image not in self._places:
            self._places[piece.image] = len(self.image)
            self.all.append(self._record(piece, name))
            self.image += piece.image + bytes(-len(piece.image) % PLACE)
        return self._places[piece.image]

    def _record(self, piece: Piece, name: str) -> Record:
        note = f"{len(piece.code)} bytes of coded weights, {len(piece.image)} unpacked"
        code = self._arrays.name_of(as_words(piece.code), f"{name}_code", note)
        plain = (
            self._arrays.name_of(as_words(piece.plain), f"{name}_plain", "biases and factors") if piece.plain else "0"
        )
        return Record(len(self.image), code, plain, piece)

    @property
    def crc(self) -> str:
        """CRC-32 of the unpacked weights, as a C constant."""
        return f"0x{zlib.crc32(self.image):08X}U"
