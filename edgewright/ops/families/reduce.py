"""What MEAN, SUM, REDUCE_MAX, ARG_MAX and ARG_MIN have in common: dimensions that are kept and reduced in turn."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from edgewright.kernels.constant import constant_data
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.tflite.graph import View

_GROUPS = 5
MAX_COUNT = 1 << 23
"""More elements could overflow their sum."""

AXES = (1,)
"""The input that may hold no numbers: nothing is reduced then."""

GROUP_NAMES = ("kept0", "reduced0", "kept1", "reduced1", "kept2")


class Reduce(Op):
    """input, axes; the output has the reduced dimensions as 1 (keep_dims) or not at all."""

    versions = range(1, 4)
    inputs = range(2, 3)

    def check(self, view: View) -> Iterator[str]:
        faults = [*checks.int8(view.input(0), "input"), *checks.int8(view.output(), "output")]
        faults += checks.not_empty(view, AXES)
        yield from faults or self.check_axes(view)

    def check_axes(self, view: View) -> Iterator[str]:
        """The axes are constant and give the output's shape."""
        faults = [*checks.constant(view.input(1), "axes"), *checks.dtype(view.input(1), "axes", "int32")]
        if faults:
            yield from faults
            return
        shape, axes = view.input(0).shape, _raw_axes(view)
        if not shape or any(not -len(shape) <= axis < len(shape) for axis in axes):
            yield f"axes {axes} are none of {list(shape)}"
            return
        if len(groups(view)) > _GROUPS:
            yield "too many kept and reduced dimensions in turn"
        if view.input(0).elements > MAX_COUNT:
            yield f"more than {MAX_COUNT} elements"
        reduced = axes_of(view)
        kept = [size for i, size in enumerate(shape) if i not in reduced]
        with_ones = [1 if i in reduced else size for i, size in enumerate(shape)]
        yield from checks.shape(view.output(), "the output", with_ones if view.option("keep_dims", False) else kept)


def group_fields(view: View) -> tuple[tuple[str, int], ...]:
    """Sizes of kept, reduced, kept, reduced and kept dimensions: fields of `ew_reduce_s8_shape`."""
    sizes = groups(view)
    return tuple(zip(GROUP_NAMES, sizes + [1] * (_GROUPS - len(sizes)), strict=True))


def axes_of(view: View) -> frozenset[int]:
    """The reduced dimensions, counted from the front."""
    rank = len(view.input(0).shape)
    return frozenset(axis % rank for axis in _raw_axes(view))


def _raw_axes(view: View) -> list[int]:
    return [int(axis) for axis in np.asarray(constant_data(view.input(1))).reshape(-1)]


def groups(view: View) -> list[int]:
    """Sizes of kept, reduced, kept, ... dimensions in turn, neighbours taken together."""
    sizes, reduced = [1], False
    for i, size in enumerate(view.input(0).shape):
        if size == 1:
            continue
        if (i in axes_of(view)) == reduced:
            sizes[-1] *= size
        else:
            sizes.append(size)
            reduced = not reduced
    return sizes
