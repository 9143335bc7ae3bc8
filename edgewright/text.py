"""Text out of files and devices, made fit for people: what a terminal or a page would obey is shown instead."""

from __future__ import annotations

import unicodedata
from typing import Any, TextIO


class Safe(str):
    """Text that was made for the language, and the place in it, that it goes to: see edgewright.templates."""

    __slots__ = ()


_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode's categories of characters that do something and show nothing."""

_JOINERS = "\u200c\u200d"
"""Harmless ones of these: they shape letters of some scripts, and emoji."""


def is_hidden(char: str) -> bool:
    """Whether a character moves the cursor, changes a colour or the direction of writing, or ends a line."""
    return unicodedata.category(char) in _HIDDEN and char not in _JOINERS


def is_line(text: str) -> bool:
    r"""Whether a text is one line that shows all that it holds: no control characters, no `\n`."""
    return (text.isascii() and text.isprintable()) or not any(map(is_hidden, text))


def plain(text: str, *, keep: str = "") -> str:
    r"""`text` with its hidden characters written out, an escape as `\x1b`; those in `keep` stay as they are."""
    if is_line(text):
        return text
    return "".join(_written(char) if is_hidden(char) and char not in keep else char for char in text)


def lines(text: str) -> str:
    """The same for text of several lines, in columns perhaps."""
    return plain(text, keep="\n\t")


def counted(count: int, what: str) -> str:
    """A number of things, "1 trial" or "2 trials"."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


class PlainStream:
    """A stream that writes out hidden characters of all that is printed to it; in all else the stream behind it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write `lines(text)`."""
        self._stream.write(lines(text))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _written(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
