"""GATHER_ND: constant or computed int32 indices; data of any type.

Computed indices that are outside, at which TensorFlow Lite Micro stops, are taken for the nearest that are inside.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from edgewright.kernels.call import Call, Input, Output
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.move import TYPES, check_same_type
from edgewright.tflite.graph import ITEM_BYTES, View

_DEPTH = 5


class GatherNd(Op):
    """input, indices [..., depth] of places along its first `depth` dimensions."""

    name = "GATHER_ND"
    dtypes = TYPES
    versions = range(1, 6)
    inputs = range(2, 3)
    files = ("gather_nd_ref",)

    def check(self, view: View) -> Iterator[str]:
        source, indices = view.input(0), view.input(1)
        faults = [*checks.not_empty(view), *check_same_type(source, view.outputs)]
        faults += checks.dtype(indices, "indices", "int32")
        if not indices.shape or not 1 <= indices.shape[-1] <= min(len(source.shape), _DEPTH):
            faults.append(f"indices of shape {list(indices.shape)} fit no {list(source.shape)}")
        if faults:
            yield from faults
            return
        depth = indices.shape[-1]
        yield from checks.shape(view.output(), "the output", (*indices.shape[:-1], *source.shape[depth:]))
        if indices.data is not None and np.any((indices.data < 0) | (indices.data >= source.shape[:depth])):
            yield "an index is outside the input"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        source, indices = view.input(0), view.input(1)
        depth = indices.shape[-1]
        sizes = (*source.shape[:depth], *(1,) * (_DEPTH - depth))
        fields = {
            "count": indices.elements // depth,
            "depth": depth,
            **{f"n{i}": size for i, size in enumerate(sizes)},
            "bytes": math.prod(source.shape[depth:]) * ITEM_BYTES[source.dtype],
        }
        arguments = (Input("input"), Input("indices", 1, "int32_t"), Output("output"))
        return (Call("gather_nd_ref", "ew_gather_nd_shape", tuple(fields.items()), arguments),)


OP = GatherNd()
