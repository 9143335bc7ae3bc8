"""FLOOR_DIV, float32, with broadcasting of both sides."""

from __future__ import annotations

from edgewright.ops.base import Op
from edgewright.ops.families.elements_float32 import PairFloat
from edgewright.ops.families.whole import QuotientInt32

OP = PairFloat("FLOOR_DIV")
TYPED: tuple[Op, ...] = (QuotientInt32("FLOOR_DIV", range(1, 4)),)
