"""What the constants of generated C take of flash, read out of the C itself.

Reports, benchmarks and the compiler count a model's weights with this: all constant arrays of its `<name>_weights.h`,
which are codes, tables, biases, factors and records of what is unpacked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

ENDING = "_weights.h"
"""Of the name of the file that holds them."""

PIECE = "ew_weights_piece"
PIECE_BYTES = 36
"""sizeof(ew_weights_piece) where pointers have four bytes, as on microcontrollers."""

_ARRAY = re.compile(r"^static const (?:EW_WEIGHTS )?(?P<type>\w+) (?P<name>\w+)\s*\[(?P<count>\d+)\]", re.MULTILINE)
_INTEGER = re.compile(r"u?int(?P<bits>8|16|32|64)_t")


@dataclass(frozen=True)
class CArray:
    """A constant array: its name in C, and its size."""

    name: str
    bytes: int


def constant_arrays(text: str) -> list[CArray]:
    """The constant arrays of a `<name>_weights.h`, in order.

    Raises:
        ValueError: an array is of a type that generated code does not use.
    """
    return [CArray(found["name"], int(found["count"]) * _size(found["type"])) for found in _ARRAY.finditer(text)]


def constant_bytes(files: Mapping[str, str]) -> int:
    """Bytes of all constant arrays of generated files: content by name."""
    texts = (text for name, text in files.items() if name.endswith(ENDING))
    return sum(array.bytes for text in texts for array in constant_arrays(text))


def _size(ctype: str) -> int:
    integer = _INTEGER.fullmatch(ctype)
    if integer:
        return int(integer["bits"]) // 8
    sizes = {"float": 4, PIECE: PIECE_BYTES}
    if ctype not in sizes:
        raise ValueError(f"generated C has constants of the type {ctype}")
    return sizes[ctype]
