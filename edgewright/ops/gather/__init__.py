"""GATHER: along any axis, with batch_dims; constant or computed int32 indices; data of any type.

Computed indices that are outside, at which TensorFlow Lite Micro stops, are taken for the nearest that are inside.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from edgewright.kernels.call import Call, Input, Output
from edgewright.kernels.constant import constant_data
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.move import TYPES, check_same_type
from edgewright.ops.families.pick import pick_call, pick_distance
from edgewright.tflite.graph import ITEM_BYTES, View


class Gather(Op):
    """input, indices."""

    name = "GATHER"
    dtypes = TYPES
    versions = range(1, 8)
    inputs = range(2, 3)
    files = ("pick_ref", "gather_ref")

    def check(self, view: View) -> Iterator[str]:
        source, indices = view.input(0), view.input(1)
        faults = [*checks.not_empty(view), *check_same_type(source, view.outputs)]
        faults += checks.dtype(indices, "indices", "int32")
        axis, batch = _axis(view), _batch_dims(view)
        if not 0 <= batch <= axis < len(source.shape) or source.shape[:batch] != indices.shape[:batch]:
            faults.append(f"axis {axis} and batch_dims {batch} do not fit {list(source.shape)}, {list(indices.shape)}")
        if faults:
            yield from faults
            return
        expected = (*source.shape[:axis], *indices.shape[batch:], *source.shape[axis + 1 :])
        yield from checks.shape(view.output(), "the output", expected)
        values = indices.data
        if values is not None and (values.min() < 0 or values.max() >= source.shape[axis]):
            yield f"an index is outside 0..{source.shape[axis] - 1}"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        return (pick_call(view, _picks(view)),) if _is_pick(view) else (_dynamic(view),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        return {0: pick_distance(view, _picks(view))} if _is_pick(view) else {}


def _is_pick(view: View) -> bool:
    return view.input(1).is_constant and _batch_dims(view) == 0


def _axis(view: View) -> int:
    axis = int(view.option("axis", 0))
    return axis + len(view.input(0).shape) if axis < 0 else axis


def _batch_dims(view: View) -> int:
    batch = int(view.option("batch_dims", 0))
    return batch + len(view.input(1).shape) if batch < 0 else batch


def _picks(view: View) -> list[list[int]]:
    picks = [list(range(size)) for size in view.input(0).shape]
    picks[_axis(view)] = [int(index) for index in constant_data(view.input(1)).reshape(-1)]
    return picks


def _dynamic(view: View) -> Call:
    source, axis, batch = view.input(0), _axis(view), _batch_dims(view)
    sizes = {
        "batches": math.prod(source.shape[:batch]),
        "outer": math.prod(source.shape[batch:axis]),
        "count": math.prod(view.input(1).shape[batch:]),
        "size": source.shape[axis],
        "bytes": math.prod(source.shape[axis + 1 :]) * ITEM_BYTES[source.dtype],
    }
    arguments = (Input("input", 0), Input("indices", 1, "int32_t"), Output("output"))
    return Call("gather_ref", "ew_gather_shape", tuple(sizes.items()), arguments)


OP = Gather()
