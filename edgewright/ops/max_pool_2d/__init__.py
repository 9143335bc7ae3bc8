"""MAX_POOL_2D, int8."""

from __future__ import annotations

from edgewright.kernels.record import Kernel
from edgewright.ops.base import Op
from edgewright.ops.families.pool import Pool, renamed, window
from edgewright.ops.families.pool_float32 import PoolFloat
from edgewright.tflite.graph import View


class MaxPool2D(Pool):
    """The largest of what lies inside the image."""

    name = "MAX_POOL_2D"


OP = MaxPool2D()
TYPED: tuple[Op, ...] = (PoolFloat("MAX_POOL_2D"),)


def _odd(view: View) -> str | None:
    channels = window(view).in_c
    return f"{channels} channels, not a multiple of 4" if channels % 4 else None


KERNELS: tuple[Kernel, ...] = (renamed(OP, "mve"), renamed(OP, "dsp", _odd))
