"""LOG, int16."""

from __future__ import annotations

import numpy as np

from edgewright.kernels.quant import scale
from edgewright.ops.base import Op
from edgewright.ops.families.int16 import LOW
from edgewright.ops.families.table_int16 import TableInt16
from edgewright.ops.log import log
from edgewright.tflite.graph import View


class LogInt16(TableInt16):
    """By interpolation; of numbers of 0 and below the least number."""

    name = "LOG"

    def real(self, view: View, x: np.float32) -> np.float32:
        return log(x, np.float32(LOW) * np.float32(scale(view.output())))


TYPED: tuple[Op, ...] = (LogInt16(),)
