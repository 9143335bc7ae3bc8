"""MEAN, int8, over any dimensions."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.kernels.call import Argument, Call, Input, Output, Scalar
from edgewright.kernels.quant import MAX_FACTOR, quantize_multiplier, scale, zero_point
from edgewright.ops.base import Op
from edgewright.ops.families.reduce import Reduce, group_fields
from edgewright.ops.families.rows_float32 import ReduceFloat
from edgewright.tflite.graph import View


class Mean(Reduce):
    """The sum times a factor that holds the division."""

    name = "MEAN"

    def check(self, view: View) -> Iterator[str]:
        return check_sum(self, view)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        count = view.input(0).elements // view.output().elements
        return (sum_call(view, *mean_multiplier(scale(view.input(0)) / scale(view.output()), count)),)


def check_sum(op: Reduce, view: View) -> Iterator[str]:
    """As all reductions, and the output's scale is not far below the input's."""
    faults = list(Reduce.check(op, view))
    yield from faults
    if not faults and scale(view.input(0)) / scale(view.output()) >= MAX_FACTOR:
        yield "the output's scale is too small for the input's"


def sum_call(view: View, multiplier: int, exponent: int) -> Call:
    """The call that gives sums times a factor."""
    count = view.input(0).elements // view.output().elements
    arguments: tuple[Argument, ...] = (
        Input("input"),
        Output("output"),
        Scalar("offset", -zero_point(view.input(0)) * count),
        Scalar("multiplier", multiplier),
        Scalar("shift", -exponent),
        Scalar("out_zp", zero_point(view.output())),
    )
    return Call("mean_s8_ref", "ew_reduce_s8_shape", group_fields(view), arguments)


def mean_multiplier(real: float, count: int) -> tuple[int, int]:
    """The factor of a sum of `count` elements: real / count, as TensorFlow Lite Micro folds the division in."""
    multiplier, exponent = quantize_multiplier(real)
    shift = min(count.bit_length() - 1, 32, 31 + exponent)
    return (multiplier << shift) // count, exponent - shift


OP = Mean()
TYPED: tuple[Op, ...] = (ReduceFloat("MEAN"),)
