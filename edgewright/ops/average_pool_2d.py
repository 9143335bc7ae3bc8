"""AVERAGE_POOL_2D, int8: the mean of what lies inside the image."""

from __future__ import annotations

from edgewright.ops._pool import Pool


class AveragePool2D(Pool):
    """Halves are rounded away from zero."""

    name = "AVERAGE_POOL_2D"


OP = AveragePool2D()
