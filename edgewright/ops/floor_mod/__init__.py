"""FLOOR_MOD, float32, with broadcasting of both sides."""

from __future__ import annotations

from edgewright.ops.families.elements_float32 import PairFloat

OP = PairFloat("FLOOR_MOD")
