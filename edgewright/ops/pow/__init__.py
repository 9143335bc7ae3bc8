"""POW, float32: the first input to the power of the second, with broadcasting of both sides."""

from __future__ import annotations

from edgewright.ops.families.elements_float32 import PairFloat


class PowFloat(PairFloat):
    """The first to the power of the second, with broadcasting of both sides."""

    oracle = "LiteRT"


OP = PowFloat("POW")
