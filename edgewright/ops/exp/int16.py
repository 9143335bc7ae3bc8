"""EXP, int16."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from edgewright.kernels.quant import scale
from edgewright.ops.base import Op
from edgewright.ops.families.table_int16 import TableInt16
from edgewright.tflite.graph import View

_MOST_POWER = 86.0
"""Greater powers of e leave float32, or their sums do."""

_COARSEST = 1 / 64
"""The entries of a table of exponentials, each raised for what a straight line misses, are above 0 up to it."""


class ExpInt16(TableInt16):
    """By interpolation. What float32 does not hold is 32767, at which LiteRT answers 0."""

    name = "EXP"

    def check_scales(self, view: View) -> Iterator[str]:
        if scale(view.input(0)) > _COARSEST:
            yield "the input's scale is above 1/64, too coarse for a table of 513 exponentials"

    def real(self, view: View, x: np.float32) -> np.float32:
        """Bounded where the output is long at its greatest number, so that no entry leaves float32."""
        return np.float32(math.exp(min(float(x), _MOST_POWER + min(math.log(scale(view.output())), 0.0))))


TYPED: tuple[Op, ...] = (ExpInt16(),)
