"""PAD: with the output's zero point; constant paddings. As in TensorFlow Lite Micro bytes are copied as they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from edgewright.kernels.call import Argument, Call, Input, Output, Scalar
from edgewright.kernels.constant import constant_data
from edgewright.kernels.quant import zero_point
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.int16 import int16
from edgewright.tflite.graph import ITEM_BYTES, View

_LOOPS = 4


class Pad(Op):
    """input, paddings [rank, 2]: elements before and after along each dimension."""

    name = "PAD"
    versions = range(1, 5)
    inputs = range(2, 3)
    dtypes: ClassVar[tuple[str, ...]] = ("int8", "int16", "float32")
    files = ("pad_s8_ref",)

    def check(self, view: View) -> Iterator[str]:
        tensor, paddings = view.input(0), view.input(1)
        faults = [*checks.not_empty(view), *checks.dtype(tensor, "input", *self.dtypes)]
        faults += checks.dtype(view.output(), "output", tensor.dtype)
        for each, what in ((tensor, "input"), (view.output(), "output")):
            faults += int16(each, what) if each.dtype == "int16" else ()
            faults += checks.one_scale(each, what) if each.dtype == "int8" else ()
        faults += [*checks.constant(paddings, "paddings"), *checks.dtype(paddings, "paddings", "int32", "int64")]
        faults += checks.shape(paddings, "paddings", (len(tensor.shape), 2))
        if faults:
            yield from faults
            return
        pairs = paddings_of(view)
        if any(min(pair) < 0 for pair in pairs):
            yield f"paddings are negative: {pairs}"
        expected = [size + before + after for size, (before, after) in zip(tensor.shape, pairs, strict=True)]
        yield from checks.shape(view.output(), "the output", expected)
        if len(_loops(view)) > _LOOPS:
            yield f"more than {_LOOPS} dimensions are padded"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        loops = _in_bytes(_loops(view), ITEM_BYTES[view.output().dtype])
        loops = [(1, 0, 0)] * (_LOOPS - len(loops)) + loops
        shape = tuple(
            (f"{name}{i}", loop[part])
            for part, name in enumerate(("n", "before", "after"))
            for i, loop in enumerate(loops)
        )
        value = Scalar("value", 0 if view.output().dtype == "float32" else _value(view))
        arguments: tuple[Argument, ...] = (Input("input"), Output("output"), value)
        return (Call("pad_s8_ref", "ew_pad_s8_shape", shape, arguments),)


def _in_bytes(loops: list[tuple[int, int, int]], item: int) -> list[tuple[int, int, int]]:
    """Bytes in the place of elements along the last dimension: what is padded with is 0 in all bytes, or one byte."""
    if not loops:
        return [(item, 0, 0)]
    size, before, after = loops[-1]
    return [*loops[:-1], (size * item, before * item, after * item)]


def _value(view: View) -> int:
    """What is written: PADV2 has it as a third input."""
    value = view.optional_input(2)
    return zero_point(view.output()) if value is None else int(constant_data(value).reshape(-1)[0])


def paddings_of(view: View) -> list[tuple[int, int]]:
    """(before, after) of each dimension."""
    return [(int(before), int(after)) for before, after in np.asarray(constant_data(view.input(1))).tolist()]


def _loops(view: View) -> list[tuple[int, int, int]]:
    """(size, before, after), outermost first; a dimension without padding is one with the dimension outside it."""
    loops: list[tuple[int, int, int]] = []
    for size, (before, after) in zip(view.input(0).shape, paddings_of(view), strict=True):
        if loops and before == after == 0:
            loops[-1] = (loops[-1][0] * size, loops[-1][1] * size, loops[-1][2] * size)
        else:
            loops.append((size, before, after))
    return loops


OP = Pad()
