"""REDUCE_MIN, float32, over any dimensions."""

from __future__ import annotations

from edgewright.ops._float32_rows import ReduceFloat

OP = ReduceFloat("REDUCE_MIN")
