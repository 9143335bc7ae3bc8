"""The threshold of an anomaly, which a .tflite of a reconstruction carries as metadata: a float32, little endian."""

from __future__ import annotations

import math
import struct

from edgewright.tflite._flatbuffer import Record
from edgewright.tflite._splice import splice
from edgewright.tflite._tensors import Buffers

NAME = "edgewright.anomaly_threshold"
_FLOAT = "<f"


def with_threshold(model: bytes, threshold: float) -> bytes:
    """The model with the threshold, in place of one that it had before."""
    return splice(model, NAME.encode(), struct.pack(_FLOAT, threshold))


def read_threshold(model: Record, buffers: Buffers) -> float | None:
    """That of a model; None where it has none, or something else under its name."""
    for entry in model.records("Metadata", "metadata entry"):
        if entry.text("Name") == NAME:
            content = bytes(buffers.data(entry.value("Buffer"), entry.where))
            found = struct.unpack(_FLOAT, content)[0] if len(content) == struct.calcsize(_FLOAT) else math.nan
            return float(found) if math.isfinite(found) else None
    return None
