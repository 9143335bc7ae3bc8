"""AVERAGE_POOL_2D, int8: the mean of what lies inside the image."""

from __future__ import annotations

from edgewright.kernels.core import Core
from edgewright.ops.families.pool import Pool, window
from edgewright.tflite.graph import View

PIXELS = 255
"""Pixels of a window whose sum fits in 16 bits."""


class AveragePool2D(Pool):
    """Halves are rounded away from zero."""

    name = "AVERAGE_POOL_2D"

    def refuses(self, view: View, variant: str, core: Core) -> str | None:
        of = window(view)
        if variant == "ref":
            return None
        if variant != "mve" and of.in_c % 4:
            return f"{of.in_c} channels, not a multiple of 4"
        if of.taps > PIXELS:
            return f"windows of {of.taps} pixels"
        return None


OP = AveragePool2D()
