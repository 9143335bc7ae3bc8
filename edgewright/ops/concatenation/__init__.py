"""CONCATENATION: data of any type. As in TensorFlow Lite Micro bytes are copied: scales are taken to be equal."""

from __future__ import annotations

import math
from collections.abc import Iterator

from edgewright.kernels.call import Call, Input, Output
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.copy import copy_call
from edgewright.ops.families.move import TYPES
from edgewright.tflite.graph import ITEM_BYTES, View


class Concatenation(Op):
    """Any number of inputs along any dimension."""

    name = "CONCATENATION"
    versions = range(1, 5)
    inputs = range(1, 1025)
    is_variadic = True
    dtypes = TYPES
    files = ("copy_s8_ref",)

    def check(self, view: View) -> Iterator[str]:
        tensors = [view.input(i) for i in range(len(view.node.inputs))]
        output, axis = view.output(), _axis(view)
        faults = [*checks.dtype(output, "output", *TYPES), *checks.activation(view, 0)]
        faults += checks.not_empty(view, range(len(tensors)))
        faults += [f for i, tensor in enumerate(tensors) for f in checks.dtype(tensor, f"input {i}", output.dtype)]
        if faults:
            yield from faults
            return
        if not 0 <= axis < len(output.shape):
            yield f"axis {view.option('axis')} is none of {list(output.shape)}"
            return
        for i, tensor in enumerate(tensors):
            yield from checks.rank(tensor, f"input {i}", len(output.shape))
            if (*tensor.shape[:axis], *tensor.shape[axis + 1 :]) != (*output.shape[:axis], *output.shape[axis + 1 :]):
                yield f"input {i} has shape {list(tensor.shape)} for an output of {list(output.shape)}"
        if sum(tensor.shape[axis] for tensor in tensors if len(tensor.shape) > axis) != output.shape[axis]:
            yield f"the inputs along axis {axis} do not add up to {output.shape[axis]}"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        axis, output = _axis(view), view.output()
        item = ITEM_BYTES[output.dtype]
        rows, step = math.prod(output.shape[:axis]), math.prod(output.shape[axis:]) * item
        calls, offset = [], 0
        for i in range(len(view.node.inputs)):
            size = math.prod(view.input(i).shape[axis:]) * item
            if size:
                calls.append(copy_call(rows, size, size, step, Input("input", i), Output("output", offset=offset)))
            offset += size
        return tuple(calls)


def _axis(view: View) -> int:
    axis = int(view.option("axis", 0))
    return axis + len(view.output().shape) if axis < 0 else axis


OP = Concatenation()
