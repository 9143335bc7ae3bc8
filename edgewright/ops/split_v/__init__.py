"""SPLIT_V: parts of any sizes; data of any type."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.kernels.call import Call
from edgewright.kernels.constant import constant_data
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.move import TYPES
from edgewright.ops.families.parts import MOST_OUTPUTS, check_parts, part_calls
from edgewright.tflite.graph import View


class SplitV(Op):
    """input, sizes, axis; one size may be -1, for what the others leave."""

    name = "SPLIT_V"
    dtypes = TYPES
    versions = range(1, 3)
    inputs = range(3, 4)
    outputs = range(1, MOST_OUTPUTS + 1)
    files = ("move_ref",)

    def check(self, view: View) -> Iterator[str]:
        faults = []
        for index, what in ((1, "sizes"), (2, "axis")):
            faults += [*checks.constant(view.input(index), what)]
            faults += [*checks.dtype(view.input(index), what, "int32", "int64")]
        faults += [] if view.input(2).elements == 1 else ["axis is not one number"]
        yield from faults or check_parts(view, 0, _axis(view), _sizes(view), keep=True)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        return part_calls(view, 0, _axis(view), _sizes(view))


def _axis(view: View) -> int:
    axis = int(constant_data(view.input(2)).reshape(-1)[0])
    return axis + len(view.input(0).shape) if axis < 0 else axis


def _sizes(view: View) -> list[int]:
    sizes = [int(size) for size in constant_data(view.input(1)).reshape(-1)]
    axis, shape = _axis(view), view.input(0).shape
    if sizes.count(-1) == 1 and 0 <= axis < len(shape):
        sizes[sizes.index(-1)] = shape[axis] - sum(sizes) - 1
    return sizes


OP = SplitV()
