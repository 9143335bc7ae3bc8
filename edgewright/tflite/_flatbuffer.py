"""Reads tables of a flatbuffer that may be hostile.

The accessor classes of the `tflite` package trust the file. `Record` wraps one of their objects: every offset and
length is checked against the file's size before it is followed, and a budget bounds the work of a file whose
vectors share bytes (ten thousand tensors that all point at one vector of ten thousand scales).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import numpy as np
from flatbuffers import encode, number_types
from flatbuffers.table import Table
from numpy.typing import NDArray

from edgewright.errors import UserError

_FAULTS = (struct.error, IndexError, ValueError, TypeError, OverflowError, MemoryError)


class Budget:
    """Bytes that may still be read, counted each time they are read."""

    def __init__(self, file_bytes: int) -> None:
        self._left = 64 * file_bytes + (1 << 16)

    def spend(self, count: int, where: str) -> None:
        """Count bytes; UserError when there have been too many."""
        self._left -= count
        if self._left < 0:
            raise corrupt(where, "vectors that share their bytes again and again")


def corrupt(where: str, problem: str) -> UserError:
    """The error for a file that breaks the format."""
    return UserError(where, f"not a sound .tflite file: {problem}", hint="download or convert the model again")


class _CheckedTable(Table):  # type: ignore[misc]
    """A flatbuffers table that never reads outside the file."""

    __slots__ = ()

    def Get(self, flags: Any, off: int) -> Any:  # noqa: N802 - the name that flatbuffers calls
        return flags.py_type(encode.Get(flags.packer_type, self.Bytes, self._inside(off, flags.bytewidth)))

    def Indirect(self, off: int) -> int:  # noqa: N802 - the name that flatbuffers calls
        return self._inside(off + int(self.Get(number_types.UOffsetTFlags, off)), 4)

    def String(self, off: int) -> bytes:  # noqa: N802 - the name that flatbuffers calls
        start = self.Indirect(off)
        length = int(self.Get(number_types.UOffsetTFlags, start))
        self._inside(start + 4, length)
        return bytes(self.Bytes[start + 4 : start + 4 + length])

    def VectorLen(self, off: int) -> int:  # noqa: N802 - the name that flatbuffers calls
        length = int(self.Get(number_types.UOffsetTFlags, self.Indirect(off + self.Pos)))
        self._inside(self.Indirect(off + self.Pos) + 4, length)  # elements have at least one byte
        return length

    def Vector(self, off: int) -> int:  # noqa: N802 - the name that flatbuffers calls
        return self.Indirect(off + self.Pos) + 4

    def Union(self, t2: Any, off: int) -> None:  # noqa: N802 - the name that flatbuffers calls
        t2.Pos, t2.Bytes = self.Indirect(off + self.Pos), self.Bytes

    def _inside(self, off: int, size: int) -> int:
        if off < 0 or off + size > len(self.Bytes):
            raise IndexError(f"{size} bytes at {off} of a file of {len(self.Bytes)} bytes")
        return off


class Record:
    """A table of the file.

    Args:
        accessor: object of a class of the `tflite` package.
        where: place for messages.
        budget: shared by all records of a file.
    """

    def __init__(self, accessor: Any, where: str, budget: Budget) -> None:
        accessor._tab = _CheckedTable(accessor._tab.Bytes, accessor._tab.Pos)
        self.accessor = accessor
        self.where = where
        self._budget = budget

    @classmethod
    def root(cls, accessor_class: Any, data: bytes | bytearray, where: str) -> Record:
        """The root table of a file."""
        try:
            start = struct.unpack_from("<I", data)[0]
            if start + 4 > len(data):
                raise IndexError(f"root table at {start} of a file of {len(data)} bytes")
            accessor = accessor_class()
            accessor.Init(data, start)
        except _FAULTS as error:
            raise corrupt(where, str(error)) from error
        return cls(accessor, where, Budget(len(data)))

    def value(self, field: str) -> Any:
        """A number, or None/0 as the schema's default says."""
        return self._read(field, getattr(self.accessor, field))

    def stored(self, slot: int, flags: Any, default: int = 0) -> int:
        """The number in field `slot` of the table as it stands in the file, without what the accessor makes of it.

        The accessors of `tflite` derive some fields from others: `OperatorCode.BuiltinCode()` is the deprecated field
        for every number below 127, which a file need not fill.
        """
        return int(self._read(f"field {slot}", lambda: self.accessor._tab.GetSlot(4 + 2 * slot, default, flags)))

    def text(self, field: str) -> str:
        """A string; "" when it is left out."""
        raw = self._read(field, getattr(self.accessor, field)) or b""
        self._budget.spend(len(raw), self.where)
        return bytes(raw).decode(errors="replace")

    def numbers(self, field: str) -> NDArray[Any]:
        """A vector of numbers as a read-only view; empty when it is left out."""
        found = self._read(field, getattr(self.accessor, f"{field}AsNumpy"))
        if not isinstance(found, np.ndarray):
            return np.zeros(0, np.int32)
        self._budget.spend(found.nbytes, self.where)
        return found

    def record(self, field: str) -> Record | None:
        """A table; None when it is left out."""
        found = self._read(field, getattr(self.accessor, field))
        return None if found is None else Record(found, self.where, self._budget)

    def count(self, field: str) -> int:
        """Length of a vector; 0 when it is left out."""
        return int(self._read(field, getattr(self.accessor, f"{field}Length")))

    def records(self, field: str, name: str) -> list[Record]:
        """A vector of tables; element i is called `name` i in messages."""
        count = self.count(field)
        self._budget.spend(16 * count, self.where)
        return [self._element(field, name, index) for index in range(count)]

    def union(self, field: str, accessor_class: Any) -> Record | None:
        """A table of a union as the class that its type names."""
        table = self._read(field, getattr(self.accessor, field))
        if table is None:
            return None
        accessor = accessor_class()
        accessor.Init(table.Bytes, table.Pos)
        return Record(accessor, self.where, self._budget)

    def _element(self, field: str, name: str, index: int) -> Record:
        found = self._read(field, lambda: getattr(self.accessor, field)(index))
        return Record(found, f"{self.where.split(': ')[0]}: {name} {index}", self._budget)

    def _read(self, field: str, action: Callable[[], Any]) -> Any:
        try:
            return action()
        except _FAULTS as error:
            raise corrupt(self.where, f"{field}: {error}") from error
