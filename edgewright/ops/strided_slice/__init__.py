"""STRIDED_SLICE: all masks, strides of either sign, constant begin, end and strides; data of any type.

TensorFlow Lite Micro takes no new_axis and ellipsis mask: these are tested against LiteRT.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from edgewright.kernels.constant import constant_data
from edgewright.ops.families import checks
from edgewright.ops.families.move import Move, MoveOp, check_same_type, strides
from edgewright.tflite.graph import View


class StridedSlice(MoveOp):
    """input, begin, end, strides."""

    name = "STRIDED_SLICE"
    versions = range(1, 9)
    inputs = range(4, 5)

    def check(self, view: View) -> Iterator[str]:
        source = view.input(0)
        faults = [*checks.not_empty(view), *check_same_type(source, view.outputs)]
        for index, what in ((1, "begin"), (2, "end"), (3, "strides")):
            tensor = view.input(index)
            faults += [*checks.constant(tensor, what), *checks.dtype(tensor, what, "int32")]
            faults += checks.shape(tensor, what, (view.input(1).elements,))
        if faults:
            yield from faults
            return
        ranges = _ranges(view)
        if ranges is None or any(each.stride == 0 for each in ranges):
            yield f"begin, end and strides of {view.input(1).elements} elements do not fit {list(source.shape)}"
            return
        if any(each.shrink and not 0 <= each.begin < size for each, size in zip(ranges, _sizes(view), strict=True)):
            yield f"an index is outside {list(source.shape)}"
            return
        expected = [each.count for each in ranges if not each.shrink]
        yield from checks.shape(view.output(), "the output", expected)
        yield from self.check_move(view)

    def move(self, view: View) -> Move:
        ranges, steps = _ranges(view) or [], _with_new_axes(view, strides(view.input(0).shape), 0)
        start = sum(each.begin * step for each, step in zip(ranges, steps, strict=True))
        counts = [each.count for each in ranges]
        return Move(counts, [each.stride * step for each, step in zip(ranges, steps, strict=True)], start)


@dataclass(frozen=True)
class _Range:
    """What is taken along one dimension."""

    begin: int
    count: int
    stride: int
    shrink: bool = False


def _spec(view: View) -> list[int | None] | None:
    """For each dimension of the input, with new axes among them, the place in begin that speaks of it, or None.

    A new axis counts as a dimension of size 1. None when begin is too long.
    """
    count, rank = view.input(1).elements, len(view.input(0).shape)
    new = [i for i in range(count) if view.option("new_axis_mask", 0) >> i & 1]
    dots = [i for i in range(count) if view.option("ellipsis_mask", 0) >> i & 1]
    named = count - len(new) - len(dots)
    if named > rank or len(dots) > 1 or set(new) & set(dots):
        return None
    rest: list[int | None] = [None] * (rank - named)
    spec: list[int | None] = []
    for i in range(count):
        spec += rest if i in dots else [i]
    return spec if dots else spec + rest


def _with_new_axes(view: View, values: list[int], new: int) -> list[int]:
    """Values of the input's dimensions with `new` in the places of new axes."""
    left = iter(values)
    spec = _spec(view) or []
    return [new if i is not None and view.option("new_axis_mask", 0) >> i & 1 else next(left) for i in spec]


def _sizes(view: View) -> list[int]:
    return _with_new_axes(view, list(view.input(0).shape), 1)


def _ranges(view: View) -> list[_Range] | None:
    """What is taken along each dimension of the input, with new axes among them."""
    spec = _spec(view)
    if spec is None:
        return None
    return [_range(view, i, size) for i, size in zip(spec, _sizes(view), strict=True)]


def _range(view: View, i: int | None, size: int) -> _Range:
    if i is None or view.option("new_axis_mask", 0) >> i & 1:
        return _Range(0, size, 1)
    begin, end, stride = (int(constant_data(view.input(k))[i]) for k in (1, 2, 3))
    if view.option("shrink_axis_mask", 0) >> i & 1:
        return _Range(begin + size if begin < 0 else begin, 1, 1, shrink=True)
    end += begin if view.option("offset", False) else 0
    first = None if view.option("begin_mask", 0) >> i & 1 else begin
    last = None if view.option("end_mask", 0) >> i & 1 else end
    if stride == 0:
        return _Range(0, 0, 0)
    taken = range(*slice(first, last, stride).indices(size))
    return _Range(taken.start, len(taken), stride)


OP = StridedSlice()
