"""SQRT, float32."""

from __future__ import annotations

from edgewright.ops._float32_elements import UnaryFloat

OP = UnaryFloat("SQRT")
