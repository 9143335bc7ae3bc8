"""PACK: inputs of one shape along a new dimension; data of any type.

As in TensorFlow Lite Micro bytes are copied as they are: scales are taken to be equal.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from edgewright.kernels.call import Call, Input, Output
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.copy import copy_call
from edgewright.ops.families.move import TYPES
from edgewright.tflite.graph import View


class Pack(Op):
    """Any number of inputs."""

    name = "PACK"
    dtypes = TYPES
    versions = range(1, 5)
    inputs = range(1, 1025)
    is_variadic = True
    files = ("copy_s8_ref",)

    def check(self, view: View) -> Iterator[str]:
        output, axis, count = view.output(), _axis(view), len(view.node.inputs)
        if None in view.inputs:
            yield "an input is left out"
            return
        faults = [*checks.not_empty(view), *checks.dtype(output, "output", *TYPES)]
        if not 0 <= axis < len(output.shape):
            faults.append(f"axis {view.option('axis')} is none of {list(output.shape)}")
        if view.option("values_count", count) != count:
            faults.append(f"values_count is {view.option('values_count')} for {count} inputs")
        if faults:
            yield from faults
            return
        part = (*output.shape[:axis], *output.shape[axis + 1 :])
        for i in range(count):
            yield from checks.dtype(view.input(i), f"input {i}", output.dtype)
            yield from checks.shape(view.input(i), f"input {i}", part)
        yield from checks.shape(output, "the output", (*part[:axis], count, *part[axis:]))

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        axis, count = _axis(view), len(view.node.inputs)
        rows = math.prod(view.output().shape[:axis])
        size = view.input(0).bytes // rows
        parts = ((Input("input", i), Output("output", offset=i * size)) for i in range(count))
        return tuple(copy_call(rows, size, size, count * size, *part) for part in parts)


def _axis(view: View) -> int:
    axis = int(view.option("axis", 0))
    return axis + len(view.output().shape) if axis < 0 else axis


OP = Pack()
