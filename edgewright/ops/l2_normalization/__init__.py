"""L2_NORMALIZATION, int8: rows of the last dimension divided by their length."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edgewright.kernels.call import Argument, Call, Input, Output, Scalar
from edgewright.kernels.quant import quantization, zero_point
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.rows_float32 import RowsFloat
from edgewright.tflite.graph import View

_MOST_DEPTH = (1 << 29) // (255 * 255)
"""The sum of the squares of longer rows could be 2^29."""


class L2Normalization(Op):
    """The output's scale is 1/128, its zero point 0."""

    name = "L2_NORMALIZATION"
    versions = range(1, 3)

    def check(self, view: View) -> Iterator[str]:
        tensor, output = view.input(0), view.output()
        faults = [*checks.not_empty(view), *checks.int8(tensor, "input"), *checks.int8(output, "output")]
        faults += [*checks.shape(output, "the output", tensor.shape), *checks.activation(view, 0)]
        if faults:
            yield from faults
            return
        if not tensor.shape or tensor.shape[-1] > _MOST_DEPTH:
            yield f"the last dimension of {list(tensor.shape)} is not 1..{_MOST_DEPTH}"
        if (quantization(output).scale, quantization(output).zero_point) != (1 / 128, 0):
            yield "the output's scale and zero point are not 1/128 and 0"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        depth = view.input(0).shape[-1]
        shape = (("rows", view.input(0).elements // depth), ("depth", depth))
        arguments: tuple[Argument, ...] = (
            Input("input"),
            Output("output"),
            Scalar("in_zp", zero_point(view.input(0))),
        )
        return (Call("l2_normalization_s8_ref", "ew_l2_normalization_s8_shape", shape, arguments),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        """A row is read whole for its sum; then each element is read once more, just before it is written."""
        return {0: 0}


OP = L2Normalization()
TYPED: tuple[Op, ...] = (RowsFloat("L2_NORMALIZATION", range(1, 3)),)
