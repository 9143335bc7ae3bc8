"""Constants of four bits: two a byte, the first one in the low half.

They become int8 tensors, as TensorFlow Lite Micro unpacks them before it runs a layer: so every kernel takes them, and
`[compile] weights = "coded"` stores them in four bits or fewer.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from edgewright.tflite._flatbuffer import corrupt

DTYPE = "int4"


def unpack(raw: NDArray[np.uint8], shape: tuple[int, ...], where: str) -> NDArray[np.int8]:
    """The numbers -8..7 of a constant, read-only; UserError when the bytes are not as many as the shape needs."""
    count = math.prod(shape)
    if raw.size != (count + 1) // 2:
        raise corrupt(where, f"{shape} of int4 has {raw.size} bytes of content")
    halves = np.stack([raw << 4, raw & 0xF0], axis=1).view(np.int8) >> 4
    found: NDArray[np.int8] = halves.reshape(-1)[:count].reshape(shape)
    found.flags.writeable = False
    return found
