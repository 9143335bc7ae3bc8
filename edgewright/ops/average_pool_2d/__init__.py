"""AVERAGE_POOL_2D, int8: the mean of what lies inside the image."""

from __future__ import annotations

from edgewright.kernels.record import Kernel
from edgewright.ops.base import Op
from edgewright.ops.families.pool import Pool, renamed, window
from edgewright.ops.families.pool_float32 import PoolFloat
from edgewright.tflite.graph import View

PIXELS = 255
"""Pixels of a window whose sum fits in 16 bits."""


class AveragePool2D(Pool):
    """Halves are rounded away from zero."""

    name = "AVERAGE_POOL_2D"


OP = AveragePool2D()
TYPED: tuple[Op, ...] = (PoolFloat("AVERAGE_POOL_2D"),)


def _large(view: View) -> str | None:
    taps = window(view).taps
    return f"windows of {taps} pixels" if taps > PIXELS else None


def _odd(view: View) -> str | None:
    channels = window(view).in_c
    return f"{channels} channels, not a multiple of 4" if channels % 4 else _large(view)


KERNELS: tuple[Kernel, ...] = (
    renamed(OP, "mve", _large),
    *(renamed(OP, isa, _odd) for isa in ("dsp", "m3", "m0")),
)
