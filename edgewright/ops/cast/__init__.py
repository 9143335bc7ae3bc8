"""CAST between int8, uint8, int16, int32, int64, bool and float32.

float32 beyond the output's type gives its nearest value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edgewright.kernels.call import Call, Input, Output
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.element import NUMBERS, limits, widening_distance
from edgewright.tflite.graph import View

_TYPES = ("int8", "uint8", "int16", "int32", "int64", "bool", "float32")
_NARROW = ("int8", "uint8", "int16")


class Cast(Op):
    """The low bits of whole numbers, whether they are 0, float32 without what is behind the point."""

    name = "CAST"
    dtypes = _TYPES
    versions = range(1, 8)
    files = ("cast_ref",)

    def check(self, view: View) -> Iterator[str]:
        yield from checks.not_empty(view)
        yield from checks.dtype(view.input(0), "input", *_TYPES)
        yield from checks.dtype(view.output(), "output", *_TYPES)
        yield from checks.shape(view.output(), "the output", view.input(0).shape)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        types = (("from", NUMBERS[view.input(0).dtype]), ("to", NUMBERS[view.output().dtype]))
        low, high = limits(view.output().dtype) if view.output().dtype in _NARROW else limits("int32")
        shape = (("count", view.output().elements), *types, ("low", low), ("high", high))
        return (
            Call("cast_ref", "ew_cast_shape", shape, (Input("input", ctype="void"), Output("output", ctype="void"))),
        )

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        return {0: widening_distance(view.input(0), view.output())}


OP = Cast()
