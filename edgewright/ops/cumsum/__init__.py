"""CUMSUM: along a constant axis, from either end, an element in its own sum or not.

int8 as in TensorFlow Lite Micro: the sum begins at minus the input's zero point. int32 and int64 are LiteRT's.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from edgewright.kernels.call import Call, Input, Output, Scalar
from edgewright.kernels.constant import constant_data
from edgewright.kernels.quant import quantize_multiplier, scale, zero_point
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.element import NUMBERS
from edgewright.ops.families.move import check_same_scale
from edgewright.tflite.graph import View

_LEFT_SHIFT = 20
_MOST_INT8 = 15
"""Elements whose sum stays in 32 bits with 19 more bits each, and the zero point with them."""


class Cumsum(Op):
    """input, axis."""

    name = "CUMSUM"
    inputs = range(2, 3)
    dtypes = ("int8", "int32", "int64", "float32")
    files = ("cumsum_ref",)

    def check(self, view: View) -> Iterator[str]:
        source, axis = view.input(0), view.input(1)
        faults = [*checks.not_empty(view), *checks.dtype(source, "input", *self.dtypes)]
        if source.dtype == "int8":
            faults += [*checks.int8(source, "input"), *checks.int8(view.output(), "output")]
        else:
            faults += check_same_scale(source, view.outputs)
        faults += [*checks.constant(axis, "axis"), *checks.dtype(axis, "axis", "int32", "int64")]
        faults += checks.shape(view.output(), "the output", source.shape)
        if faults:
            yield from faults
        elif axis.elements != 1 or not 0 <= _axis(view) < len(source.shape):
            yield f"the axis is none of {len(source.shape)} dimensions"
        elif source.dtype == "int8":
            yield from _faults_of_int8(view)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        shape, axis = view.input(0).shape, _axis(view)
        fields = {
            "outer": math.prod(shape[:axis]),
            "depth": shape[axis],
            "inner": math.prod(shape[axis + 1 :]),
            "type": NUMBERS[view.input(0).dtype],
            "exclusive": int(bool(view.option("exclusive", False))),
            "reverse": int(bool(view.option("reverse", False))),
        }
        ends = (Input("input", ctype="void"), Output("output", ctype="void"))
        numbers = _numbers(view) if view.input(0).dtype == "int8" else (0, 0, 0, 0)
        names = ("in_zp", "multiplier", "shift", "out_zp")
        scalars = (Scalar(name, number) for name, number in zip(names, numbers, strict=True))
        return (Call("cumsum_ref", "ew_cumsum_shape", tuple(fields.items()), (*ends, *scalars)),)

    def in_place(self, view: View, variant: str) -> int | None:
        return 0


def _axis(view: View) -> int:
    axis = int(constant_data(view.input(1)).reshape(-1)[0])
    return axis + len(view.input(0).shape) if axis < 0 else axis


def _real(view: View) -> float:
    return 2 * scale(view.input(0)) / ((1 << _LEFT_SHIFT) * scale(view.output()))


def _numbers(view: View) -> tuple[int, int, int, int]:
    multiplier, exponent = quantize_multiplier(_real(view))
    return zero_point(view.input(0)), multiplier, -exponent, zero_point(view.output())


def _faults_of_int8(view: View) -> Iterator[str]:
    if _real(view) >= 1.0:
        yield "the output's scale is too small for the input's"
    if view.input(0).shape[_axis(view)] > _MOST_INT8:
        yield f"int8 sums of more than {_MOST_INT8} elements overflow in TensorFlow Lite Micro"


OP = Cumsum()
