"""Element types by the numbers that `ew_element.h` gives them, for kernels that serve all pairs of types."""

from __future__ import annotations

import numpy as np

from edgewright.tflite.graph import ITEM_BYTES, Tensor

NUMBERS = {"int8": 0, "uint8": 1, "int16": 2, "int32": 3, "float32": 4, "bool": 5, "int64": 6}
"""`EW_TYPE_...` by dtype."""


def limits(dtype: str) -> tuple[int, int]:
    """The lowest and highest value of a type of whole numbers."""
    info = np.iinfo(dtype)
    return int(info.min), int(info.max)


def widening_distance(source: Tensor, output: Tensor) -> int:
    """`write_distance` where element i is read just before element i is written, of whatever size."""
    before, after = ITEM_BYTES[source.dtype], ITEM_BYTES[output.dtype]
    return max(0, after - before) * (output.elements - 1)
