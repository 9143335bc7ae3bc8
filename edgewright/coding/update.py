"""An update file: a delta, and what it is for. firmware/update/ew_update.h applies it on the device.

    file = make_update(old, new, model="kws", versions=(1, 2))
    new = apply_update(old, file, model="kws", version=1)

The format, numbers of 32 bits, little endian:

     0  "EWU2", or "EWU1"               20  CRC-32 of the old file
     4  CRC-32 of the model's name      24  bytes of the new file
     8  version of the old file         28  CRC-32 of the new file
    12  version of the new file         32  bytes of the delta
    16  bytes of the old file           36  CRC-32 of bytes 0..35 and the delta
    40  the delta (edgewright/coding/_delta.py), in format 2, or 1
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from edgewright.coding._delta import decode_delta, encode_delta
from edgewright.errors import UserError

MAGICS = {1: b"EWU1", 2: b"EWU2"}
"""By format of the delta."""
HEADER_BYTES = 40
MOST_BYTES = 1 << 28
"""Of a new file."""

_HINT = "make the update from the file that the device has"


@dataclass(frozen=True)
class Header:
    """What an update says of itself; sizes in bytes, `*_crc` and `model` are CRC-32."""

    model: int
    old_version: int
    new_version: int
    old_bytes: int
    old_crc: int
    new_bytes: int
    new_crc: int
    version_of_format: int


def make_update(old: bytes, new: bytes, *, model: str, versions: tuple[int, int], version_of_format: int = 2) -> bytes:
    """The update file from `old` to `new`.

    Args:
        old: the file that the device has.
        new: the file that it is to have.
        model: the model's name.
        versions: of the old and the new file, 0..2^32 - 1.
        version_of_format: 2, or 1 for devices whose ew_update.c is from before 2.

    Raises:
        UserError: a version is out of range, both are the same, or the file is too large.
    """
    if len(new) > MOST_BYTES:
        raise UserError("update", "the new file is too large", got=len(new), allowed=f"up to {MOST_BYTES}")
    if not all(0 <= version < 1 << 32 for version in versions) or versions[0] == versions[1]:
        raise UserError("update", "no two versions", got=list(versions), allowed="two numbers of 0..2^32-1")
    delta, magic = encode_delta(old, new, version_of_format), MAGICS[version_of_format]
    head = struct.pack("<4s7I", magic, zlib.crc32(model.encode()), *versions, *_identity(old), *_identity(new))
    head += struct.pack("<I", len(delta))
    return head + struct.pack("<I", zlib.crc32(head + delta)) + delta


def read_header(update: bytes) -> Header:
    """What an update says, checked against its checksum.

    Raises:
        UserError: it is no update, truncated, or changed.
    """
    if len(update) < HEADER_BYTES or update[:4] not in MAGICS.values():
        raise UserError("update", "no update file, or one of another version of the format", got=update[:4])
    length, crc = struct.unpack_from("<2I", update, 32)
    if length != len(update) - HEADER_BYTES or crc != zlib.crc32(update[:36] + update[HEADER_BYTES:]):
        raise UserError("update", "truncated or changed", hint="make the file again")
    formats = {magic: version for version, magic in MAGICS.items()}
    return Header(*(*struct.unpack_from("<7I", update, 4), formats[update[:4]]))


def apply_update(old: bytes, update: bytes, *, model: str, version: int) -> bytes:
    """The new file, as the device makes it.

    Args:
        old: the file that the device has.
        update: as `make_update` returned it.
        model: name of the device's model.
        version: of the old file.

    Raises:
        UserError: the update is damaged, for another model, or for another version of it.
    """
    header = read_header(update)
    if header.model != zlib.crc32(model.encode()):
        raise UserError("update", "for another model", allowed=model)
    if header.old_version != version or (header.old_bytes, header.old_crc) != _identity(old):
        got = f"one for version {header.old_version}, {header.old_bytes:,} bytes"
        raise UserError("update", "for another version of the model", got=got, allowed=str(version), hint=_HINT)
    if header.new_bytes > MOST_BYTES:
        raise UserError("update", "the new file is too large", got=header.new_bytes, allowed=f"up to {MOST_BYTES}")
    new = decode_delta(old, update[HEADER_BYTES:], header.new_bytes, header.version_of_format)
    if zlib.crc32(new) != header.new_crc:
        raise UserError("update", "does not give what it promises", hint="make the file again")
    return new


def _identity(data: bytes) -> tuple[int, int]:
    return len(data), zlib.crc32(data)
