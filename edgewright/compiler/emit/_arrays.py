"""The constant arrays of a program: each content once, however many layers use it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgewright.c_text import CTYPES, array_lines


@dataclass(frozen=True)
class Array:
    """A constant array of the generated code: its name, C type, number of elements, comment and lines of elements."""

    name: str
    ctype: str
    count: int
    note: str
    lines: tuple[str, ...]


class Arrays:
    """Arrays in order of first use."""

    def __init__(self) -> None:
        self._by_content: dict[tuple[str, bytes], str] = {}
        self._taken: dict[str, int] = {}
        self.all: list[Array] = []

    def name_of(self, data: NDArray[np.generic], name: str, note: str) -> str:
        """The name of the array with this content; it is added as `name` when it is new."""
        flat = np.ascontiguousarray(data).reshape(-1)
        flat = flat.view(np.int8) if flat.dtype == np.bool_ else flat
        ctype = CTYPES[flat.dtype.name]
        key = (ctype, flat.tobytes())
        if key not in self._by_content:
            self._by_content[key] = self._free(name)
            lines = tuple(array_lines(flat, ctype))
            self.all.append(Array(self._by_content[key], ctype, flat.size, note, lines))
        return self._by_content[key]

    def _free(self, name: str) -> str:
        """The name, with a number when a layer has several constants of one name (inputs of CONCATENATION)."""
        self._taken[name] = count = self._taken.get(name, 0) + 1
        return name if count == 1 else f"{name}_{count}"
