"""A program that a page of HTML holds packed, less than half of its size, and unpacks when it is opened.

The page does so with DecompressionStream, which browsers have since 2023, and runs it as a script whose hash its policy
names.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

from edgewright.files import read_json, write_json


@dataclass(frozen=True)
class Packed:
    """A program as a page holds it.

    Attributes:
        sha256: of its text in UTF-8, as `digest` gives it.
        gzip: the text by gzip -9, in base64.
    """

    sha256: str
    gzip: str

    @staticmethod
    def of(script: str) -> Packed:
        """A program packed."""
        text = script.encode()
        return Packed(digest(text), base64.b64encode(gzip.compress(text, 9, mtime=0)).decode())

    @staticmethod
    def read(path: Path) -> Packed:
        """Of a file that `write` wrote; UserError for any other."""
        found = read_json(path, {"sha256": str, "gzip": str})
        return Packed(found["sha256"], found["gzip"])

    def write(self, path: Path) -> None:
        """Into a JSON file."""
        write_json(path, {"sha256": self.sha256, "gzip": self.gzip})


def digest(text: bytes) -> str:
    """SHA-256 in base64, as a Content-Security-Policy names a script."""
    return base64.b64encode(hashlib.sha256(text).digest()).decode()
