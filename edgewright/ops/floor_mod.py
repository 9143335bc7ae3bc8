"""FLOOR_MOD, float32, with broadcasting of both sides."""

from __future__ import annotations

from edgewright.ops._float32_elements import PairFloat

OP = PairFloat("FLOOR_MOD")
