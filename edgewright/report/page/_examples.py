"""Examples that quantization made worse: a picture, a waveform or a row, with what is answered and what is right."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Sequence

from edgewright.report.page._build import Json
from edgewright.report.page._parts import Example

_FEW = 40  # numbers that are a row of features rather than a waveform


def example(title: str, text: str, row: Json) -> Example:
    """An example with its content, as answers.json has it."""
    picture = png(row["picture"]) if "picture" in row else None
    series = row.get("series") or ()
    if len(series) <= _FEW:
        return Example(title, text, picture, bars=_bars(series))
    return Example(title, text, picture, _line(series))


def titled(found: Json, text: str) -> str:
    """A title, with the output that it is of where there are several."""
    return f"{found['output']}: {text}" if found["output"] else text


def _bars(values: Sequence[float]) -> list[tuple[float, float, float, float]]:
    """Numbers as bars from zero, in a box of 100 by 40: (x, y, width, height)."""
    low, high = min(0.0, *values, 0.0), max(0.0, *values, 0.0)
    up, across = 36 / (high - low or 1), 100 / max(1, len(values))
    zero = 38 + low * up
    tops = [zero - max(value, 0.0) * up for value in values]
    return [
        (index * across, top, 0.8 * across, max(0.4, abs(value) * up))
        for index, (value, top) in enumerate(zip(values, tops, strict=True))
    ]


def _line(values: Sequence[float]) -> str:
    """Points of an SVG line in a box of 100 by 40."""
    low, high = min(values), max(values)
    across, up = 100 / max(1, len(values) - 1), 36 / (high - low or 1)
    return " ".join(f"{index * across:.1f},{38 - (value - low) * up:.1f}" for index, value in enumerate(values))


def png(picture: Json) -> str:
    """A PNG file as a `data:` URL, of {"shape": [height, width, 1 or 3], "pixels": base64 of bytes}."""
    height, width, channels = picture["shape"]
    pixels = base64.b64decode(picture["pixels"])
    row = width * channels
    lines = b"".join(b"\0" + pixels[start : start + row] for start in range(0, height * row, row))
    head = struct.pack(">IIBBBBB", width, height, 8, 0 if channels == 1 else 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    body = b"".join(_chunk(*chunk) for chunk in chunks)
    return "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + body).decode()


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
