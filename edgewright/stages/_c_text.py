"""Python values as C source text that means the same in C99 and C++17."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

_ESCAPES = {'"': '\\"', "\\": "\\\\", "?": "\\?", "\n": "\\n", "\t": "\\t"}
_ROW = 16


def identifier(name: str) -> str:
    """`name` as a C identifier that is reserved by neither C nor C++: no leading "_", no "__", no leading digit."""
    text = re.sub(r"[^0-9A-Za-z]+", "_", name).strip("_") or "model"
    return f"m_{text}" if text[0].isdigit() else text


def comment(text: str) -> str:
    """`text` for the inside of a comment: ASCII on one line, with no end of comment and no trigraph in it."""
    plain = "".join(char if " " <= char <= "~" else "?" for char in text)
    return re.sub(r"\?(?=\?)", "? ", plain.replace("*/", "* /").replace("/*", "/ *"))


def string(text: str) -> str:
    """A string literal of the UTF-8 bytes of `text`.

    Bytes outside of ASCII are octal: an octal escape ends after three digits, a hexadecimal one swallows what follows.
    Question marks are escaped, for two of them begin a trigraph.
    """
    return '"' + "".join(map(_character, text)) + '"'


def _character(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if " " <= char <= "~":
        return char
    return "".join(f"\\{byte:03o}" for byte in char.encode("utf-8", "surrogateescape"))


def float32(value: float) -> str:
    """A literal that reads back as the same float32: nine significant digits are enough for each."""
    text = f"{np.float32(value):.9g}"
    return f"{text}f" if any(char in text for char in ".en") else f"{text}.0f"


def integer(value: int) -> str:
    """An integer literal that can stand in any expression."""
    return f"({value})" if value < 0 else str(value)


def byte_rows(data: bytes) -> Iterator[str]:
    """The bytes of an array's initialiser, some a line, each with its comma."""
    words = [f"0x{value:02x}," for value in range(256)]
    for begin in range(0, len(data), _ROW):
        yield " ".join([words[byte] for byte in data[begin : begin + _ROW]])
