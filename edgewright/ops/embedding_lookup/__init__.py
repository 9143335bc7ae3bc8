"""EMBEDDING_LOOKUP: rows of any type, or int8 rows that become float32.

Indices that are outside, at which TensorFlow Lite Micro stops, are taken for the nearest that are inside.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from edgewright.kernels.call import Call, Input, Output, Scalar
from edgewright.kernels.quant import scale
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.move import TYPES, check_same_scale
from edgewright.tflite.graph import ITEM_BYTES, View


class EmbeddingLookup(Op):
    """indices [count], table [rows, ...]."""

    name = "EMBEDDING_LOOKUP"
    dtypes = TYPES
    versions = range(1, 5)
    inputs = range(2, 3)
    files = ("gather_ref", "embedding_lookup_ref")

    def check(self, view: View) -> Iterator[str]:
        indices, table = view.input(0), view.input(1)
        faults = [*checks.not_empty(view), *checks.dtype(indices, "indices", "int32")]
        faults += checks.rank(indices, "indices", 1)
        faults += _faults_of_hybrid(view) if _is_hybrid(view) else check_same_scale(table, view.outputs)
        faults += [] if table.shape else ["the table is a scalar"]
        if faults:
            yield from faults
            return
        yield from checks.shape(view.output(), "the output", (*indices.shape, *table.shape[1:]))
        if indices.data is not None and not 0 <= indices.data.min() <= indices.data.max() < table.shape[0]:
            yield f"an index is outside 0..{table.shape[0] - 1}"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        table, count = view.input(1), view.input(0).elements
        indices, depth = Input("indices", 0, "int32_t"), math.prod(table.shape[1:])
        if _is_hybrid(view):
            fields = (("count", count), ("rows", table.shape[0]), ("depth", depth))
            arguments = (indices, Input("table", 1), Output("output", ctype="float"))
            factor = Scalar("scale", scale(table), "float")
            return (Call("embedding_lookup_ref", "ew_embedding_lookup_shape", fields, (*arguments, factor)),)
        sizes = {"batches": 1, "outer": 1, "count": count, "size": table.shape[0]}
        sizes |= {"bytes": depth * ITEM_BYTES[table.dtype]}
        moved = (Input("input", 1), indices, Output("output"))
        return (Call("gather_ref", "ew_gather_shape", tuple(sizes.items()), moved),)


def _is_hybrid(view: View) -> bool:
    return view.input(1).dtype == "int8" and view.output().dtype == "float32"


def _faults_of_hybrid(view: View) -> Iterator[str]:
    yield from checks.one_scale(view.input(1), "table")
    given = view.input(1).quantization
    if given is not None and given.zero_point:
        yield "the table has a zero point other than 0"


OP = EmbeddingLookup()
