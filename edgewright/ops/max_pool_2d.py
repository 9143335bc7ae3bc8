"""MAX_POOL_2D, int8."""

from __future__ import annotations

from edgewright.ops._pool import Pool


class MaxPool2D(Pool):
    """The largest of what lies inside the image."""

    name = "MAX_POOL_2D"


OP = MaxPool2D()
