"""DYNAMIC_UPDATE_SLICE: a part of the input replaced, at a place that is computed; data of any type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edgewright.kernels.call import Call, Input, Output
from edgewright.kernels.overlap import NEVER
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.element import NUMBERS
from edgewright.ops.families.move import TYPES, check_same_type
from edgewright.tflite.graph import ITEM_BYTES, View

_DIMENSIONS = 5


class DynamicUpdateSlice(Op):
    """input, what replaces a part of it, where that begins; it is moved inside where it would reach beyond."""

    name = "DYNAMIC_UPDATE_SLICE"
    versions = range(1, 3)
    inputs = range(3, 4)
    dtypes = TYPES
    files = ("dynamic_update_slice_ref",)

    def check(self, view: View) -> Iterator[str]:
        source, update, starts = (view.input(i) for i in range(3))
        faults = [*checks.not_empty(view), *check_same_type(source, view.outputs)]
        faults += [*checks.dtype(update, "update", source.dtype), *checks.dtype(starts, "start", "int32", "int64")]
        faults += checks.shape(view.output(), "the output", source.shape)
        faults += checks.shape(starts, "start", (len(source.shape),))
        faults += checks.rank(source, "input", *range(1, _DIMENSIONS + 1))
        faults += checks.rank(update, "update", len(source.shape))
        yield from faults
        if not faults and any(part > whole for part, whole in zip(update.shape, source.shape, strict=True)):
            yield f"an update of {list(update.shape)} does not fit into {list(source.shape)}"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        source, update = view.input(0), view.input(1)
        ones = (1,) * (_DIMENSIONS - len(source.shape))
        fields = {"rank": len(source.shape)}
        for letter, shape in (("n", source.shape), ("u", update.shape)):
            fields |= {f"{letter}{i}": size for i, size in enumerate((*ones, *shape))}
        fields |= {"item_bytes": ITEM_BYTES[source.dtype], "start_type": NUMBERS[view.input(2).dtype]}
        arguments = (Input("input"), Input("update", 1), Input("starts", 2, "void"), Output("output"))
        return (Call(self.files[0], "ew_dynamic_update_slice_shape", tuple(fields.items()), arguments),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        """The input is moved whole before anything else is written."""
        return {0: -NEVER}


OP = DynamicUpdateSlice()
