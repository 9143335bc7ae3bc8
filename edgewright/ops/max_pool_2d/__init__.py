"""MAX_POOL_2D, int8."""

from __future__ import annotations

from edgewright.kernels.core import Core
from edgewright.ops.families.pool import Pool, window
from edgewright.tflite.graph import View


class MaxPool2D(Pool):
    """The largest of what lies inside the image."""

    name = "MAX_POOL_2D"

    def refuses(self, view: View, variant: str, core: Core) -> str | None:
        channels = window(view).in_c
        return f"{channels} channels, not a multiple of 4" if variant == "dsp" and channels % 4 else None


OP = MaxPool2D()
