"""GELU, int16."""

from __future__ import annotations

import numpy as np

from edgewright.ops.base import Op
from edgewright.ops.families.table_int16 import TableInt16
from edgewright.ops.gelu import gelu
from edgewright.tflite.graph import View


class GeluInt16(TableInt16):
    """By interpolation."""

    name = "GELU"

    def real(self, view: View, x: np.float32) -> np.float32:
        return gelu(x, approximate=bool(view.option("approximate", False)))


TYPED: tuple[Op, ...] = (GeluInt16(),)
