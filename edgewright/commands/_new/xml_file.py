"""XML files of vendors, read with care: they are of people whom nobody here knows."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

from edgewright.commands._new.chip import LARGEST
from edgewright.errors import UserError


def parse(data: bytes, shown: str) -> ET.Element:
    """The root; UserError for what is no XML, is too large, or has entities, which could grow without end."""
    if len(data) > LARGEST:
        raise UserError(shown, "is too large", got=f"{len(data)} bytes", allowed=f"at most {LARGEST}")
    if b"<!ENTITY" in data.replace(b"\0", b""):  # in UTF-16, too
        raise UserError(shown, "defines entities, which files of this kind have no use for")
    try:
        return ET.fromstring(data)  # noqa: S314 - without entities of its own it is as long as it is
    except ET.ParseError as error:
        raise UserError(shown, f"is no XML: {error}") from None


def read(path: Path) -> bytes:
    """Its bytes, no more of them than `parse` takes."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        raise UserError(str(path), f"cannot be read: {error.strerror}") from None


def number(text: str | None) -> int | None:
    """A number as these files write one: 0x20000000, 4096, #1010; None for anything else."""
    text = (text or "").strip().lower().removeprefix("+")
    try:
        return int(text[1:], 2) if text.startswith("#") else int(text, 16 if text.startswith("0x") else 10)
    except ValueError:
        return None
