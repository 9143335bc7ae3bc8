"""TRANSPOSE goes past operators that take some places of an axis: they take them of the axis where these come from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from edgewright.importers._tidied.layouts import after, sole_maker
from edgewright.passes.tflite_model.model import Model
from edgewright.passes.tflite_model.moves import order

_BY_AXIS = {
    **dict.fromkeys(("PAD", "PADV2", "MIRROR_PAD", "TILE"), (1,)),
    "SLICE": (1, 2),
    "STRIDED_SLICE": (1, 2, 3),
}
"""Inputs that have a row for each axis."""

_NAMED = {"REVERSE_V2": 1, "CUMSUM": 1, "SPLIT": 0, "SPLIT_V": 2}
"""The input that says which axes."""

_SPLITS = ("SPLIT", "SPLIT_V")

KINDS = frozenset({*_BY_AXIS, *_NAMED, "GATHER"})


def past_axes(model: Model, node: Any) -> bool:
    """TRANSPOSE and an operator of one output, which has a constant for each axis or names some, change places."""
    return model.kind(node) not in _SPLITS and _past(model, node)


def past_splits(model: Model, node: Any) -> bool:
    """The same for those of several outputs, behind each of which is a TRANSPOSE then."""
    return model.kind(node) in _SPLITS and _past(model, node)


def _past(model: Model, node: Any) -> bool:
    kind = model.kind(node)
    data = 1 if kind == "SPLIT" else 0
    move = sole_maker(model, node, data) if kind in KINDS else None
    axes = order(model, move)
    if move is None or axes is None:
        return False
    inputs = _inputs(kind)(model, node, axes)
    if inputs is None:
        return False
    inputs[data] = move.inputs[0]
    after(model, node, axes, inputs)
    return True


_Inputs = Callable[[Model, Any, Sequence[int]], "list[int] | None"]


def _inputs(kind: str) -> _Inputs:
    """What gives the inputs of an operator on what is not moved yet, but for the first; None where there are none."""
    if kind == "GATHER":
        return _of_gather
    return _of_rows if kind in _BY_AXIS else _of_named


def _of_rows(model: Model, node: Any, axes: Sequence[int]) -> list[int] | None:
    """A constant's rows in the order of the axes before."""
    inputs, back = list(node.inputs), np.argsort(axes)
    for place in _BY_AXIS[model.kind(node)]:
        values = model.values(inputs[place])
        if values is None or len(values) != len(axes):
            return None
        inputs[place] = model.constant(values[back], f"{model.name(inputs[place])}_turned")
    return inputs if _masks_turned(node, axes) else None


def _masks_turned(node: Any, axes: Sequence[int]) -> bool:
    """Whether no axis comes or goes; bits that leave an end open are in the order of the axes before then."""
    options = node.builtinOptions
    if any(getattr(options, name, 0) for name in ("ellipsisMask", "newAxisMask", "shrinkAxisMask")):
        return False
    for name in ("beginMask", "endMask"):
        mask = getattr(options, name, 0)
        if mask:
            setattr(options, name, sum(1 << axis for place, axis in enumerate(axes) if mask >> place & 1))
    return True


def _of_named(model: Model, node: Any, axes: Sequence[int]) -> list[int] | None:
    """The names of the axes before."""
    inputs, place = list(node.inputs), _NAMED[model.kind(node)]
    values = model.values(inputs[place])
    if values is None:
        return None
    turned = np.array([axes[axis] for axis in values.reshape(-1)], values.dtype).reshape(values.shape)
    inputs[place] = model.constant(turned, f"{model.name(inputs[place])}_turned")
    return inputs


def _of_gather(model: Model, node: Any, axes: Sequence[int]) -> list[int] | None:
    """Indices are a row of constants, so that no axis comes or goes; the operator's option names its axis."""
    options, indices = node.builtinOptions, model.values(node.inputs[1])
    if indices is None or indices.ndim != 1 or options.batchDims:
        return None
    options.axis = axes[options.axis]
    return list(node.inputs)
