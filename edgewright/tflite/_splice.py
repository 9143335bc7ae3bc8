"""One more metadata entry for a .tflite model, without packing it anew.

A new root table stands before the old file and points into it: weights keep their bytes and their alignment.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import tflite

from edgewright.errors import UserError

_MODEL_IDENTIFIER = b"TFL3"
_ALIGNMENT = 64  # of the old file in the new one; what it aligns in itself stays aligned
_VERSION, _CODES, _SUBGRAPHS, _DESCRIPTION, _BUFFERS, _METADATA_BUFFER, _METADATA, _SIGNATURES = range(8)


@dataclass(frozen=True)
class _OldModel:
    """Where the parts of a model lie in its file."""

    version: int
    fields: Mapping[int, int]
    buffers: Sequence[int]
    metadata: Sequence[int]


def _read(model: bytes, name: bytes) -> _OldModel:
    root = tflite.Model.GetRootAs(model, 0)
    table = root._tab  # the generated classes give no offsets
    fields = {}
    for slot in (_CODES, _SUBGRAPHS, _DESCRIPTION, _METADATA_BUFFER, _SIGNATURES):
        if at := table.Offset(4 + 2 * slot):
            fields[slot] = table.Indirect(table.Pos + at)
    buffers = [root.Buffers(index)._tab.Pos for index in range(root.BuffersLength())]
    entries = [root.Metadata(index) for index in range(root.MetadataLength())]
    kept = [entry._tab.Pos for entry in entries if entry.Name() != name]
    return _OldModel(root.Version(), fields, buffers, kept)


def splice(model: bytes, name: bytes, metadata: bytes) -> bytes:
    """The model behind a new root table, which has the metadata entry `name`, in place of one that it had before.

    Raises:
        UserError: it is no .tflite file.
    """
    if model[4:8] != _MODEL_IDENTIFIER:
        raise UserError("model", "is no .tflite file")
    old = _read(model, name)
    head = _Head(len(old.buffers) + 1, len(old.metadata) + 1, name, metadata)
    shift = head.size
    head.put_root(old, shift)
    head.put_vector(head.buffers, [*(at + shift for at in old.buffers), head.buffer])
    head.put_vector(head.entries, [*(at + shift for at in old.metadata), head.entry])
    return bytes(head.bytes) + model


class _Head:
    """The bytes before the old file: root table, vectors of buffers and metadata entries, the new entry and buffer.

    Places are fixed beforehand, so that each part can point at any other. Every offset of a flatbuffer is forward, but
    for the one to a table's list of fields.
    """

    _FIELDS = 8
    _LIST, _ROOT = 8, 28  # 4 + 2 * 8 bytes of the list of fields; the table

    def __init__(self, buffers: int, entries: int, name: bytes, metadata: bytes) -> None:
        self.buffers = self._ROOT + 4 + 4 * self._FIELDS
        self.entries = self.buffers + 4 + 4 * buffers
        self.entry = self.entries + 4 + 4 * entries + 8  # after its list of fields: 4 + 2 * 2 bytes
        self.name = self.entry + 12
        self.buffer = _aligned(self.name + 4 + len(name) + 1, 4) + 8  # after its list: 4 + 2 bytes, and 2 to align
        data = _aligned(self.buffer + 8 + 4, 16) - 4  # of the length; the bytes are aligned as those of tensors are
        self.size = _aligned(data + 4 + len(metadata), _ALIGNMENT)
        self.bytes = bytearray(self.size)
        self._put("<I4s", 0, self._ROOT, _MODEL_IDENTIFIER)
        self._put_list(self.entry, (4, 8))
        self._put("<iII", self.entry, 8, self.name - self.entry - 4, buffers - 1)
        self._put(f"<I{len(name)}s", self.name, len(name), name)
        self._put("<HHH", self.buffer - 8, 6, 8, 4)
        self._put("<iI", self.buffer, 8, data - self.buffer - 4)
        self._put(f"<I{len(metadata)}s", data, len(metadata), metadata)

    def put_root(self, old: _OldModel, shift: int) -> None:
        """The table Model, whose fields point at those of the old one, `shift` bytes further."""
        places = {slot: at + shift for slot, at in old.fields.items()}
        places |= {_BUFFERS: self.buffers, _METADATA: self.entries}
        at = {slot: self._ROOT + 4 + 4 * slot for slot in (_VERSION, *places)}
        fields = [at.get(slot, self._ROOT) - self._ROOT for slot in range(self._FIELDS)]
        self._put("<HH8H", self._LIST, 20, 4 + 4 * self._FIELDS, *fields)
        self._put("<iI", self._ROOT, self._ROOT - self._LIST, old.version)
        for slot, place in places.items():
            self._put("<I", at[slot], place - at[slot])

    def put_vector(self, start: int, places: Sequence[int]) -> None:
        """A vector of offsets."""
        offsets = [place - (start + 4 + 4 * index) for index, place in enumerate(places)]
        self._put(f"<I{len(offsets)}I", start, len(offsets), *offsets)

    def _put_list(self, table: int, fields: tuple[int, int]) -> None:
        self._put("<HHHH", table - 8, 8, 12, *fields)

    def _put(self, layout: str, at: int, *values: object) -> None:
        struct.pack_into(layout, self.bytes, at, *values)


def _aligned(number: int, alignment: int) -> int:
    return -(-number // alignment) * alignment
