"""SQUARE, float32."""

from __future__ import annotations

from edgewright.ops.families.elements_float32 import UnaryFloat

OP = UnaryFloat("SQUARE")
