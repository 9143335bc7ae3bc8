"""Names and numbers as C writes them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edgewright.errors import UserError

_KEYWORDS = frozenset(
    """auto break case char const continue default do double else enum extern float for goto if inline int long register
    restrict return short signed sizeof static struct switch typedef union unsigned void volatile while""".split()  # noqa: SIM905
)
_ITEMS_A_LINE = {
    "int8_t": 20,
    "uint8_t": 20,
    "int16_t": 14,
    "uint16_t": 14,
    "uint32_t": 8,
    "int32_t": 8,
    "int64_t": 6,
    "float": 6,
}
CTYPES = {
    "int8": "int8_t", "uint8": "uint8_t", "int16": "int16_t", "uint16": "uint16_t", "int32": "int32_t",
    "uint32": "uint32_t", "int64": "int64_t", "float32": "float", "bool": "int8_t",
}  # fmt: skip
"""C type by dtype of the tensors that generated code works on; a bool is a byte of 0 or 1."""


def check_name(name: str) -> None:
    """UserError when a model's name cannot begin the names of C functions."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) or name in _KEYWORDS:
        raise UserError("--name", "the model's name is no C identifier", got=name, allowed="letters, digits and _")


def comment(text: str) -> str:
    """A text that may stand in a C comment: printable ASCII, and it cannot end the comment."""
    printable = "".join(c if " " <= c <= "~" else "?" for c in text)
    return printable.replace("*/", "*_").replace("/*", "/_").replace("\\", "/")


def string(text: str) -> str:
    """A C string literal of any text, as UTF-8; non-ASCII bytes and quotes as octal escapes."""
    safe = (chr(b) if 32 <= b < 127 and chr(b) not in '"\\?' else f"\\{b:03o}" for b in text.encode())
    return f'"{"".join(safe)}"'


def number(value: float) -> str:
    """A float32 as a C constant that reads back exactly."""
    if not math.isfinite(value):
        return "NAN" if math.isnan(value) else "INFINITY" if value > 0 else "-INFINITY"
    return f"{float(str(np.float32(value)))!r}f"


def integer(value: int) -> str:
    """An int32 as a C constant; the lowest one has no literal of its own."""
    return "INT32_MIN" if value == -(1 << 31) else str(value)


def shape(dims: Sequence[int]) -> str:
    """A shape in comments: 1x49x10x1."""
    return "x".join(map(str, dims)) or "scalar"


def array_lines(data: NDArray[np.generic], ctype: str) -> list[str]:
    """The elements of an array, some to a line, for between braces."""
    spell = number if ctype == "float" else integer
    items = [spell(value) for value in data.tolist()]
    step = _ITEMS_A_LINE[ctype]
    return [", ".join(items[i : i + step]) + "," for i in range(0, len(items), step)]
