"""UF2, the format of boards that show themselves as a USB drive (specification: github.com/microsoft/uf2)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

BLOCK_BYTES, PAYLOAD_BYTES = 512, 256
_BEGIN, _BEGIN_2, _END = 0x0A324655, 0x9E5D5157, 0x0AB16F30
_HAS_FAMILY = 0x2000


def blocks(data: bytes, origin: int, family: int) -> Iterator[bytes]:
    """The blocks of 512 bytes for an image at `origin`, a multiple of 256; `family` is the kind of chip."""
    count = -(-len(data) // PAYLOAD_BYTES)
    for number in range(count):
        payload = data[number * PAYLOAD_BYTES : (number + 1) * PAYLOAD_BYTES].ljust(476, b"\0")
        address = origin + number * PAYLOAD_BYTES
        facts = (_BEGIN, _BEGIN_2, _HAS_FAMILY, address, PAYLOAD_BYTES, number, count, family)
        yield struct.pack("<8I476sI", *facts, payload, _END)
