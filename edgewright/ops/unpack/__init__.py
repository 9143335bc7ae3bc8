"""UNPACK: slices along one dimension, each an output; data of any type."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.kernels.call import Call
from edgewright.ops.base import Op
from edgewright.ops.families.move import TYPES
from edgewright.ops.families.parts import MOST_OUTPUTS, check_parts, part_calls
from edgewright.tflite.graph import View


class Unpack(Op):
    """The dimension is dropped."""

    name = "UNPACK"
    dtypes = TYPES
    versions = range(1, 5)
    outputs = range(1, MOST_OUTPUTS + 1)
    files = ("move_ref",)

    def check(self, view: View) -> Iterator[str]:
        count = len(view.outputs)
        if view.option("num", count) != count:
            yield f"num is {view.option('num')} for {count} outputs"
            return
        yield from check_parts(view, 0, _axis(view), [1] * count, keep=False)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        return part_calls(view, 0, _axis(view), [1] * len(view.outputs))


def _axis(view: View) -> int:
    axis = int(view.option("axis", 0))
    return axis + len(view.input(0).shape) if axis < 0 else axis


OP = Unpack()
