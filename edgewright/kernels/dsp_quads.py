"""Rows of weights four at a time, as ew_dsp_quads.h takes them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels.call import Const
from edgewright.kernels.dsp_layout import round_up4

ROWS = 4


def blocks(name: str, weights: NDArray[np.int8], note: str) -> Const:
    """(rows, depth) -> [four rows][four values of the depth][4][4], as words, filled up with zeros."""
    rows, depth = weights.shape
    padded = np.pad(weights, ((0, -rows % ROWS), (0, round_up4(depth) - depth)))
    fours = padded.reshape(-1, ROWS, round_up4(depth) // 4, 4).transpose(0, 2, 1, 3)
    words = np.ascontiguousarray(fours).reshape(-1).view("<i4").astype(np.int32)
    return Const(name, words, note, "int32_t")


def widened_bytes(depth: int) -> int:
    """Of a row of values."""
    return 2 * round_up4(depth)
