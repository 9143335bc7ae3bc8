"""L2_POOL_2D, float32: the root of the mean of squares of what lies inside the image."""

from __future__ import annotations

from edgewright.ops.families.pool_float32 import PoolFloat

OP = PoolFloat("L2_POOL_2D")
