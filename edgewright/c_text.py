"""Python values as C source text that means the same in C99 and C++17, whatever a name or a text holds.

There is nothing else that makes names, texts and numbers of a model part of C.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from edgewright.errors import UserError
from edgewright.text import Safe

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_KEYWORDS = frozenset(
    """auto break case char const continue default do double else enum extern float for goto if inline int long register
    restrict return short signed sizeof static struct switch typedef union unsigned void volatile while""".split()  # noqa: SIM905
)
_HEADERS = frozenset(
    """assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg stdatomic
    stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype""".split()  # noqa: SIM905
)
"""Names of C's own headers: <name>.h of a model would stand before them."""

_ESCAPES = {'"': '\\"', "\\": "\\\\", "?": "\\?", "\n": "\\n", "\t": "\\t"}
_ITEMS_A_LINE = {
    "int8_t": 20,
    "uint8_t": 20,
    "int16_t": 14,
    "uint16_t": 14,
    "uint32_t": 8,
    "int32_t": 8,
    "int64_t": 6,
    "uint64_t": 6,
    "float": 6,
}
_BYTES_A_ROW = 16
CTYPES = {
    "int8": "int8_t", "uint8": "uint8_t", "int16": "int16_t", "uint16": "uint16_t", "int32": "int32_t",
    "uint32": "uint32_t", "int64": "int64_t", "uint64": "uint64_t", "float32": "float", "bool": "int8_t",
}  # fmt: skip
"""C type by dtype of the tensors that generated code works on; a bool is a byte of 0 or 1."""


def check_name(name: str) -> None:
    """UserError when a model's name cannot begin the names of C functions and files."""
    if name in _KEYWORDS:
        raise UserError("--name", f"{name} is a keyword of C", hint="give the model another name")
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
        raise UserError("--name", "the model's name is no C identifier", got=name, allowed="letters, digits and _")
    if name.lower() in _HEADERS:
        hint = "give the model another name"
        raise UserError("--name", f"{name}.h would stand before C's own <{name.lower()}.h>", got=name, hint=hint)


def identifier(name: str) -> str:
    """`name` as a C identifier that is reserved by neither C nor C++: no leading "_", no "__", no leading digit."""
    text = re.sub(r"[^0-9A-Za-z]+", "_", name).strip("_") or "model"
    return f"m_{text}" if text[0].isdigit() else text


def comment(text: str) -> Safe:
    r"""`text` for the inside of a comment of either kind: one line of ASCII that neither ends, opens nor continues one.

    `*` and `\` become "_"; of two question marks or slashes in a row, which begin trigraphs and comments, a space
    comes between.
    """
    allowed = "".join(char if " " <= char <= "~" and char not in "*\\" else "_" for char in text)
    return Safe(re.sub(r"([?/])(?=\1)", r"\1 ", allowed))


def string(text: str) -> Safe:
    """A string literal of the UTF-8 bytes of `text`.

    Bytes outside of ASCII are octal: an octal escape ends after three digits, a hexadecimal one swallows what follows.
    Question marks are escaped, for two of them begin a trigraph.
    """
    return Safe('"' + "".join(map(_character, text)) + '"')


def _character(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if " " <= char <= "~":
        return char
    raw_byte = "\udc80" <= char <= "\udcff"  # of a text that was no UTF-8, as Python keeps it
    errors = "surrogateescape" if raw_byte else "surrogatepass"
    return "".join(f"\\{byte:03o}" for byte in char.encode("utf-8", errors))


def number(value: float) -> str:
    """A float32 as a C constant that reads back exactly."""
    import numpy as np

    if not math.isfinite(value):
        return "NAN" if math.isnan(value) else "INFINITY" if value > 0 else "-INFINITY"
    return f"{float(str(np.float32(value)))!r}f"


def integer(value: int) -> str:
    """An int32 as a C constant; the lowest one has no literal of its own."""
    return "INT32_MIN" if value == -(1 << 31) else str(value)


def unsigned(value: int) -> str:
    """A uint64 as a C constant; one that int64 does not hold has no literal without the suffix."""
    return f"{value}u"


def shape(dims: Sequence[int]) -> str:
    """A shape in comments: 1x49x10x1."""
    return "x".join(map(str, dims)) or "scalar"


def array_lines(data: NDArray[np.generic], ctype: str) -> list[str]:
    """The elements of an array, some to a line, for between braces."""
    spell = number if ctype == "float" else unsigned if ctype == "uint64_t" else integer
    items = [spell(value) for value in data.tolist()]
    step = _ITEMS_A_LINE[ctype]
    return [", ".join(items[i : i + step]) + "," for i in range(0, len(items), step)]


def byte_rows(data: bytes) -> Iterator[str]:
    """The bytes of an array's initialiser, some a line, each with its comma."""
    words = [f"0x{value:02x}," for value in range(256)]
    for begin in range(0, len(data), _BYTES_A_ROW):
        yield " ".join([words[byte] for byte in data[begin : begin + _BYTES_A_ROW]])
