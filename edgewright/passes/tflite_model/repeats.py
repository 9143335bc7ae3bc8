"""Pixels and steps that are repeated by RESHAPE and TILE, as the one operator that every runtime has in int8."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright.passes.tflite_model.model import Model
from edgewright.passes.tflite_model.moves import RESHAPES, reshape

_IMAGE = 4


def nearest(model: Model, node: Any) -> bool:
    """A chain of RESHAPE and TILE that makes each pixel a block of its own is RESIZE_NEAREST_NEIGHBOR."""
    if _counts(model, node) is None and model.kind(node) not in RESHAPES:
        return False
    chain = _chain(model, node)
    return any(_resized(model, chain[first:]) for first in range(len(chain)))


def _resized(model: Model, chain: list[Any]) -> bool:
    source, node = chain[0].inputs[0], chain[-1]
    before, after = model.shape(source), model.shape(node.outputs[0])
    if not any(_counts(model, each) for each in chain) or not _is_larger(before, after):
        return False
    if not np.array_equal(_places(model, chain), _blocks(before, after)):
        return False
    _resize(model, node, source, before, after)
    return True


def _counts(model: Model, node: Any) -> list[int] | None:
    """How often a TILE repeats along each axis; None for others."""
    values = model.values(node.inputs[1]) if model.kind(node) == "TILE" else None
    return None if values is None else [int(each) for each in values.reshape(-1)]


def _chain(model: Model, node: Any) -> list[Any]:
    """What ends with an operator, in order; each one's output is read by the next alone."""
    found: list[Any] = []
    while node is not None and (model.kind(node) in RESHAPES or _counts(model, node) is not None):
        found.insert(0, node)
        if model.only_reader(node.inputs[0]) is not node:
            break
        node = model.maker(node.inputs[0])
    return found


def _places(model: Model, chain: list[Any]) -> NDArray[np.int64]:
    """For each element of what the chain makes its place in what it starts from."""
    found = np.arange(int(np.prod(model.shape(chain[0].inputs[0]))))
    for node in chain:
        counts = _counts(model, node)
        shaped = found.reshape(model.shape(node.inputs[0]))
        found = shaped.reshape(model.shape(node.outputs[0])) if counts is None else np.tile(shaped, counts)
    return found


def _is_larger(before: Sequence[int], after: Sequence[int]) -> bool:
    """Whether both are images, or sequences, of whole multiples of the size."""
    if len(before) != len(after) or len(before) not in (3, _IMAGE):
        return False
    same = before[0] == after[0] == 1 and before[-1] == after[-1]
    return same and all(large % small == 0 for small, large in zip(before, after, strict=True))


def _blocks(before: Sequence[int], after: Sequence[int]) -> NDArray[np.int64]:
    found = np.arange(int(np.prod(before))).reshape(before)
    for axis, (small, large) in enumerate(zip(before, after, strict=True)):
        found = np.repeat(found, large // small, axis)
    return found


def _resize(model: Model, node: Any, source: int, before: Sequence[int], after: Sequence[int]) -> None:
    """In place of the last of the chain; a sequence is an image of one column."""
    output = node.outputs[0]
    name, place = model.name(output), model.place(node)
    rows, columns = (after[1], 1) if len(after) < _IMAGE else (after[1], after[2])
    size = model.constant(np.array([rows, columns], np.int32), f"{name}_size")
    if len(after) == _IMAGE:
        model.become(node, "RESIZE_NEAREST_NEIGHBOR", [source, size], halfPixelCenters=True)
        return
    inner = model.like(output, (1, before[1], 1, before[2]), f"{name}_columns")
    large = model.like(output, (1, after[1], 1, after[2]), f"{name}_repeated")
    reshape(model, node, large, after)
    model.put(place, "RESIZE_NEAREST_NEIGHBOR", [inner, size], [large], halfPixelCenters=True)
    shape = np.array(model.shape(inner), np.int32)
    model.put(place, "RESHAPE", [source, model.constant(shape, f"{name}_shape_before")], [inner], newShape=shape)
