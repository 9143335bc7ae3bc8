"""SUB, int8, with broadcasting of both sides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from edgewright.kernels.broadcast import same_place
from edgewright.kernels.call import Call
from edgewright.ops import add
from edgewright.ops.base import Op
from edgewright.ops.families.elements_float32 import BinaryFloat
from edgewright.ops.families.whole import BinaryWhole
from edgewright.tflite.graph import View


class Sub(Op):
    """Both inputs are brought to twice the larger scale, subtracted, and brought to the output's scale."""

    name = "SUB"
    versions = range(1, 6)
    inputs = range(2, 3)

    def check(self, view: View) -> Iterator[str]:
        return add.OP.check(view)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        return tuple(replace(call, kernel="sub_s8_ref") for call in add.OP.lower_ref(view))

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        return same_place(view)


OP = Sub()
TYPED: tuple[Op, ...] = (
    BinaryFloat("SUB", range(1, 6)),
    BinaryWhole("SUB", range(1, 6)),
)
