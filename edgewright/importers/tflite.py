"""A .tflite, as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SUFFIXES = (".tflite",)
PACKAGES = ("tflite",)


def read(path: Path) -> bytes:
    """Its bytes. UserError: it cannot be read, or is larger than a file of its kind can be."""
    from edgewright.tflite.reader import read_bytes

    return read_bytes(path)
