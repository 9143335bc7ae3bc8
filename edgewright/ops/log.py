"""LOG, float32: the natural logarithm."""

from __future__ import annotations

from edgewright.ops._float32_elements import UnaryFloat

OP = UnaryFloat("LOG")
