"""What stands before a model in a bundle: its header and operators, and a raw test example that its example reads."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edgewright.c_text import CTYPES
from edgewright.files import MANIFEST, Shape, check_manifest, read_json, read_manifest

FACTS = "frontend.json"
_SHAPE: Shape = {**MANIFEST, "name": str, "header": str, "frames": int, "arena_bytes": int, "example": str}


@dataclass(frozen=True)
class Front:
    """What the frontend stage wrote for a model.

    Attributes:
        model: whose it is.
        header: of its files the one that a product includes.
        frames: of a stream how many the model looks at, else 0.
        operators: whether it has generated C of its own.
        dtype: of the raw numbers.
        rate: samples a second, of sound.
        example: raw numbers of a test example.
    """

    folder: Path
    model: str
    header: str
    frames: int
    operators: bool
    dtype: str
    rate: int | None
    example: bytes

    @property
    def raw_ctype(self) -> str:
        """C type of a raw number."""
        return CTYPES[self.dtype]

    @property
    def suffix(self) -> str:
        """Of the file with the example."""
        return "wav" if self.rate else "raw"

    @property
    def template(self) -> str:
        """Of its example."""
        return "stream_main.c.j2" if self.frames else "input_main.c.j2"

    def sources(self) -> Iterator[tuple[str, bytes]]:
        """(path in the bundle, content) of its files."""
        for name in read_manifest(self.folder / FACTS):
            if not name.endswith("_layers.h"):  # of use to the harness alone
                yield f"src/{name}", (self.folder / name).read_bytes()

    def sample(self) -> bytes:
        """The file with the example: WAV for sound, else the numbers, the lowest byte first."""
        return _wav(self.example, self.rate) if self.rate else self.example


def read_front(folder: Path) -> Front:
    """What stands in `folder`; UserError when it is damaged."""
    path = folder / FACTS
    facts = read_json(path, _SHAPE)
    check_manifest(folder, read_manifest(path))
    raw = facts["raw"]
    return Front(
        folder,
        facts["name"],
        facts["header"],
        facts["frames"],
        facts["arena_bytes"] > 0,
        raw["dtype"],
        raw["rate"],
        bytes.fromhex(facts["example"]),
    )


def _wav(samples: bytes, rate: int) -> bytes:
    """A WAV file of one channel of 16 bits."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples)
    return made.getvalue()
