"""SELECT: one bool for each element or for each row; data of any type. No TensorFlow Lite Micro runs it."""

from __future__ import annotations

from edgewright.ops.families.select import Select
from edgewright.tflite.graph import View


class SelectV1(Select):
    """The second input where the first holds, else the third."""

    name = "SELECT"
    versions = range(1, 5)
    oracle = "LiteRT"

    def shapes(self, view: View) -> list[tuple[int, ...]]:
        condition, a, b = super().shapes(view)
        if len(condition) <= 1 and condition != a:
            condition = (*condition, *(1,) * (len(a) - len(condition)))
        return [condition, a, b]


OP = SelectV1()
