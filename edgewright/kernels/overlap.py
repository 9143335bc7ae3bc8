"""How far input and output of a kernel may share memory, from the order of its reads and writes.

After Blacker et al., "Diagonal memory optimisation", 2020 (arXiv 2010.01668).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

NEVER = np.iinfo(np.int64).max // 2
"""As `needed` of `write_distance`: nothing is read any more."""


def write_distance(written: Sequence[int] | NDArray[np.int64], needed: Sequence[int] | NDArray[np.int64]) -> int:
    """The smallest safe `address(input) - address(output)` of a kernel that works block by block.

    Args:
        written: for each block in order, end of the output bytes that are written when the block is done.
        needed: for each block, the lowest input byte that is still read after the block's first write; a huge number
            where nothing is read any more.

    Returns: max over blocks of written - needed. It may be far below 0: any overlap is safe then.
    """
    return int(np.max(np.asarray(written, np.int64) - np.asarray(needed, np.int64)))


def needed_later(first: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each block, the lowest place that a later block reads; NEVER after the last one."""
    return np.append(needed_from(first)[1:], NEVER)


def needed_from(first: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each block, the lowest place that it or a later block reads."""
    return np.minimum.accumulate(first[::-1])[::-1]
