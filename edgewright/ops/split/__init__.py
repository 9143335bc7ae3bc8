"""SPLIT: parts of one size; data of any type."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.kernels.call import Call
from edgewright.kernels.constant import constant_data
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.move import TYPES
from edgewright.ops.families.parts import MOST_OUTPUTS, check_parts, part_calls
from edgewright.tflite.graph import View


class Split(Op):
    """axis, input; as many outputs as there are parts."""

    name = "SPLIT"
    dtypes = TYPES
    versions = range(1, 5)
    inputs = range(2, 3)
    outputs = range(1, MOST_OUTPUTS + 1)
    files = ("move_ref",)

    def check(self, view: View) -> Iterator[str]:
        faults = [*checks.constant(view.input(0), "axis"), *checks.dtype(view.input(0), "axis", "int32")]
        faults += [] if view.input(0).elements == 1 else ["axis is not one number"]
        yield from faults or check_parts(view, 1, _axis(view), _sizes(view), keep=True)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        return part_calls(view, 1, _axis(view), _sizes(view))


def _axis(view: View) -> int:
    axis = int(constant_data(view.input(0)).reshape(-1)[0])
    return axis + len(view.input(1).shape) if axis < 0 else axis


def _sizes(view: View) -> list[int]:
    axis, count = _axis(view), len(view.outputs)
    shape = view.input(1).shape
    return [shape[axis] // count] * count if 0 <= axis < len(shape) else []


OP = Split()
