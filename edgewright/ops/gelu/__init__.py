"""GELU, int8: x times the share of the normal distribution below x, or its approximation by tanh."""

from __future__ import annotations

import math

import numpy as np

from edgewright.ops.families.table import RealTableOp
from edgewright.tflite.graph import View

_ONE, _HALF = np.float32(1), np.float32(0.5)
_FACTOR = np.float32(math.sqrt(2.0 / math.pi))
_CUBE = np.float32(0.044715)


class Gelu(RealTableOp):
    """No TensorFlow Lite Micro runs it: the table is LiteRT's, made in float32."""

    name = "GELU"
    versions = range(1, 3)
    oracle = "LiteRT"

    def real(self, view: View, x: np.float32) -> np.float32:
        return gelu(x, approximate=bool(view.option("approximate", False)))


def gelu(x: np.float32, *, approximate: bool) -> np.float32:
    """In float32, by erfc() or by tanh()."""
    if approximate:
        return _HALF * x * (_ONE + np.float32(math.tanh(_FACTOR * x * (_ONE + _CUBE * x * x))))
    return _HALF * x * np.float32(math.erfc(x * np.float32(-math.sqrt(0.5))))


OP = Gelu()
