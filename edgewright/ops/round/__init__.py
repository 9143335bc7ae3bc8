"""ROUND, float32: halves go to the even number."""

from __future__ import annotations

from edgewright.ops.families.elements_float32 import UnaryFloat

OP = UnaryFloat("ROUND")
