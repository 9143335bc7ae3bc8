"""MIRROR_PAD, int8: REFLECT and SYMMETRIC; constant paddings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tflite.MirrorPadMode import MirrorPadMode

from edgewright.kernels.call import Call
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.pick import LOOPS, loops, pick_call, pick_distance
from edgewright.ops.pad import paddings_of
from edgewright.tflite.graph import View


class MirrorPad(Op):
    """input, paddings [rank, 2]: elements before and after along each dimension, mirrored at the edge."""

    name = "MIRROR_PAD"
    versions = range(1, 4)
    inputs = range(2, 3)
    files = ("pick_ref",)

    def check(self, view: View) -> Iterator[str]:
        tensor, paddings = view.input(0), view.input(1)
        faults = [*checks.not_empty(view), *checks.int8(tensor, "input"), *checks.int8(view.output(), "output")]
        faults += [*checks.constant(paddings, "paddings"), *checks.dtype(paddings, "paddings", "int32", "int64")]
        faults += checks.shape(paddings, "paddings", (len(tensor.shape), 2))
        if faults:
            yield from faults
            return
        pairs = paddings_of(view)
        most = [size - _edge(view) for size in tensor.shape]
        if any(not 0 <= amount <= limit for pair, limit in zip(pairs, most, strict=True) for amount in pair):
            yield f"paddings {pairs} are negative or more than can be mirrored"
            return
        expected = [size + before + after for size, (before, after) in zip(tensor.shape, pairs, strict=True)]
        yield from checks.shape(view.output(), "the output", expected)
        if len(loops(view, _picks(view))[0]) > LOOPS:
            yield f"more than {LOOPS} dimensions are padded"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        return (pick_call(view, _picks(view)),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        return {0: pick_distance(view, _picks(view))}


def _edge(view: View) -> int:
    """1 where the element at the edge is not mirrored itself."""
    return int(view.option("mode", MirrorPadMode.REFLECT) == MirrorPadMode.REFLECT)


def _picks(view: View) -> list[list[int]]:
    edge = _edge(view)
    picks = []
    for size, (before, after) in zip(view.input(0).shape, paddings_of(view), strict=True):
        head = [i - 1 + edge for i in range(before, 0, -1)]
        tail = [size - 1 - edge - i for i in range(after)]
        picks.append([*head, *range(size), *tail])
    return picks


OP = MirrorPad()
