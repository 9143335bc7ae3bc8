"""GELU, float32."""

from __future__ import annotations

from edgewright.ops.base import Op
from edgewright.ops.families.elements_float32 import UnaryFloat
from edgewright.tflite.graph import View


class GeluFloat(UnaryFloat):
    """x times the share of the normal distribution below x, by erfc(), or approximated by tanh()."""

    oracle = "LiteRT"

    def function(self, view: View) -> str:
        return "APPROXIMATE_GELU" if view.option("approximate", False) else "GELU"


TYPED: tuple[Op, ...] = (GeluFloat("GELU", range(1, 3)),)
