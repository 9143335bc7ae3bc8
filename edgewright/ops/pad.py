"""PAD, int8: with the output's zero point; constant paddings."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from edgewright.ops import _check, _conv
from edgewright.ops._base import Argument, Call, Input, Op, Output, Scalar
from edgewright.ops._quant import zero_point
from edgewright.tflite.graph import View

_LOOPS = 4


class Pad(Op):
    """input, paddings [rank, 2]: elements before and after along each dimension."""

    name = "PAD"
    versions = range(1, 5)
    inputs = range(2, 3)

    def check(self, view: View) -> Iterator[str]:
        tensor, paddings = view.input(0), view.input(1)
        faults = [*_check.not_empty(view), *_check.int8(tensor, "input"), *_check.int8(view.output(), "output")]
        faults += [*_check.constant(paddings, "paddings"), *_check.dtype(paddings, "paddings", "int32", "int64")]
        faults += _check.shape(paddings, "paddings", (len(tensor.shape), 2))
        faults += _check.same_quantization(tensor, view.output(), "input and output")
        if faults:
            yield from faults
            return
        pairs = paddings_of(view)
        if any(min(pair) < 0 for pair in pairs):
            yield f"paddings are negative: {pairs}"
        expected = [size + before + after for size, (before, after) in zip(tensor.shape, pairs, strict=True)]
        yield from _check.shape(view.output(), "the output", expected)
        if len(_loops(view)) > _LOOPS:
            yield f"more than {_LOOPS} dimensions are padded"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        loops = _loops(view)
        loops = [(1, 0, 0)] * (_LOOPS - len(loops)) + loops
        shape = tuple(
            (f"{name}{i}", loop[part])
            for part, name in enumerate(("n", "before", "after"))
            for i, loop in enumerate(loops)
        )
        arguments: tuple[Argument, ...] = (Input("input"), Output("output"), Scalar("value", _value(view)))
        return (Call("pad_s8_ref", "ew_pad_s8_shape", shape, arguments),)


def _value(view: View) -> int:
    """What is written: PADV2 has it as a third input."""
    value = view.optional_input(2)
    return zero_point(view.output()) if value is None else int(_conv.constant_data(value).reshape(-1)[0])


def paddings_of(view: View) -> list[tuple[int, int]]:
    """(before, after) of each dimension."""
    return [(int(before), int(after)) for before, after in np.asarray(_conv.constant_data(view.input(1))).tolist()]


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
