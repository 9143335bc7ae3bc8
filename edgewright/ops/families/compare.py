"""What the operators that compare two int8 tensors have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from edgewright.kernels.broadcast import loop_fields, same_place
from edgewright.kernels.call import Argument, Call, Input, Output, Scalar
from edgewright.kernels.quant import quantize_multiplier, scale, zero_point
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.binary import check_shapes
from edgewright.tflite.graph import View


class Compare(Op):
    """Both inputs are brought to a common scale with 8 more bits; the output is bool."""

    inputs = range(2, 3)
    files = ("compare_s8_ref",)
    relation: ClassVar[str]
    """The kernel's name for it, in capitals: `EW_<relation>`."""

    def check(self, view: View) -> Iterator[str]:
        faults = [*checks.int8(view.input(0), "first input"), *checks.int8(view.input(1), "second input")]
        faults += checks.dtype(view.output(), "output", "bool")
        yield from faults or check_shapes(view)
        if not faults and max(scale(view.input(0)), scale(view.input(1))) >= 1.0:
            yield "an input's scale is not below 1"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        a, b = view.input(0), view.input(1)
        first, second = (quantize_multiplier(scale(tensor)) for tensor in (a, b))
        arguments: tuple[Argument, ...] = (
            Input("a", 0),
            Input("b", 1),
            Output("output"),
            *(Scalar("a_zp", zero_point(a)), Scalar("a_multiplier", first[0]), Scalar("a_shift", -first[1])),
            *(Scalar("b_zp", zero_point(b)), Scalar("b_multiplier", second[0]), Scalar("b_shift", -second[1])),
        )
        loops = tuple((f"loops.{name}", value) for name, value in loop_fields(a.shape, b.shape))
        relation = ("relation", RELATIONS.index(self.relation))
        return (Call("compare_s8_ref", "ew_compare_s8_shape", (*loops, relation), arguments),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        return same_place(view)


RELATIONS = ("EQUAL", "NOT_EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL")
"""In the order of the kernels' numbers."""
