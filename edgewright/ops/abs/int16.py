"""ABS, int16."""

from __future__ import annotations

from edgewright.ops.base import Op
from edgewright.ops.families.elements_int16 import RescaleInt16, quotient_of_scales
from edgewright.tflite.graph import View


class AbsInt16(RescaleInt16):
    """|x|, with a change of scale."""

    name = "ABS"
    versions = range(1, 6)

    def factors(self, view: View) -> tuple[float, float]:
        return quotient_of_scales(view), -quotient_of_scales(view)


TYPED: tuple[Op, ...] = (AbsInt16(),)
