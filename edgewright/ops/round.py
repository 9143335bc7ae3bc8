"""ROUND, float32: halves go to the even number."""

from __future__ import annotations

from edgewright.ops._float32_elements import UnaryFloat

OP = UnaryFloat("ROUND")
