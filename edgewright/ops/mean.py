"""MEAN, int8, over any dimensions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from edgewright.ops import _check, _conv
from edgewright.ops._base import Argument, Call, Input, Op, Output, Scalar
from edgewright.ops._quant import MAX_FACTOR, quantize_multiplier, scale, zero_point
from edgewright.tflite.graph import View

_GROUPS = 5
MAX_COUNT = 1 << 23
"""More elements could overflow their sum."""


class Mean(Op):
    """input, axes; the output has the reduced dimensions as 1 (keep_dims) or not at all."""

    name = "MEAN"
    versions = range(1, 4)
    inputs = range(2, 3)

    def check(self, view: View) -> Iterator[str]:
        faults = [*_check.not_empty(view), *_check.int8(view.input(0), "input"), *_check.int8(view.output(), "output")]
        faults += [*_check.constant(view.input(1), "axes"), *_check.dtype(view.input(1), "axes", "int32")]
        if faults:
            yield from faults
            return
        rank = len(view.input(0).shape)
        axes = _raw_axes(view)
        if not rank or any(not -rank <= axis < rank for axis in axes):
            yield f"axes {axes} are none of {list(view.input(0).shape)}"
            return
        if scale(view.input(0)) / scale(view.output()) >= MAX_FACTOR:
            yield "the output's scale is too small for the input's"
        if len(_groups(view)) > _GROUPS:
            yield "too many kept and reduced dimensions in turn"
        if view.input(0).elements > MAX_COUNT:
            yield f"more than {MAX_COUNT} elements"
        kept = [size for i, size in enumerate(view.input(0).shape) if i not in axes_of(view)]
        with_ones = [1 if i in axes_of(view) else size for i, size in enumerate(view.input(0).shape)]
        yield from _check.shape(view.output(), "the output", with_ones if view.option("keep_dims", False) else kept)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        groups = _groups(view)
        groups += [1] * (_GROUPS - len(groups))
        count = view.input(0).elements // view.output().elements
        multiplier, exponent = mean_multiplier(scale(view.input(0)) / scale(view.output()), count)
        arguments: tuple[Argument, ...] = (
            Input("input"),
            Output("output"),
            Scalar("offset", -zero_point(view.input(0)) * count),
            Scalar("multiplier", multiplier),
            Scalar("shift", -exponent),
            Scalar("out_zp", zero_point(view.output())),
        )
        names = ("kept0", "reduced0", "kept1", "reduced1", "kept2")
        return (Call("mean_s8_ref", "ew_mean_s8_shape", tuple(zip(names, groups, strict=True)), arguments),)


def mean_multiplier(real: float, count: int) -> tuple[int, int]:
    """The factor of a sum of `count` elements: real / count, as TensorFlow Lite Micro folds the division in."""
    multiplier, exponent = quantize_multiplier(real)
    shift = min(count.bit_length() - 1, 32, 31 + exponent)
    return (multiplier << shift) // count, exponent - shift


def axes_of(view: View) -> frozenset[int]:
    """The reduced dimensions, counted from the front."""
    rank = len(view.input(0).shape)
    return frozenset(axis % rank for axis in _raw_axes(view))


def _raw_axes(view: View) -> list[int]:
    return [int(axis) for axis in np.asarray(_conv.constant_data(view.input(1))).reshape(-1)]


def _groups(view: View) -> list[int]:
    """Sizes of kept, reduced, kept, ... dimensions in turn, neighbours taken together."""
    groups, reduced = [1], False
    for i, size in enumerate(view.input(0).shape):
        if size == 1:
            continue
        if (i in axes_of(view)) == reduced:
            groups[-1] *= size
        else:
            groups.append(size)
            reduced = not reduced
    return groups


OP = Mean()
