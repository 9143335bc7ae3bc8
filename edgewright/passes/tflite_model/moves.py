"""What TRANSPOSE and RESHAPE, one after the other, do to the order of elements, and how to say it in fewer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright.passes.tflite_model.model import Model

RESHAPES = ("RESHAPE", "SQUEEZE", "EXPAND_DIMS")
MOVES = ("TRANSPOSE", *RESHAPES)


def order(model: Model, node: Any) -> tuple[int, ...] | None:
    """That of the axes that a TRANSPOSE makes; None for others."""
    if node is None or model.kind(node) != "TRANSPOSE":
        return None
    axes = model.values(node.inputs[1])
    return None if axes is None else tuple(int(axis) for axis in axes.reshape(-1))


def chain(model: Model, node: Any) -> list[Any]:
    """The moves that end with an operator, in order; each one's output is read by the next alone."""
    found: list[Any] = []
    while node is not None and model.kind(node) in MOVES:
        if model.kind(node) == "TRANSPOSE" and order(model, node) is None:
            break
        found.insert(0, node)
        source = node.inputs[0]
        if model.only_reader(source) is not node:
            break
        node = model.maker(source)
    return found


def places(model: Model, moves: list[Any]) -> NDArray[np.int64]:
    """For each element of what moves make its place in what they start from."""
    start = model.shape(moves[0].inputs[0])
    found = np.arange(int(np.prod(start, dtype=np.int64))).reshape(start)
    for node in moves:
        axes = order(model, node)
        found = found.transpose(axes) if axes is not None else found.reshape(model.shape(node.outputs[0]))
    return found


def as_transposed(found: NDArray[np.int64]) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """A shape of what moves start from, and an order of its axes, that make the same; None where there are none."""
    steps = [_step(found, axis) for axis in range(found.ndim)]
    grids = np.meshgrid(*(np.arange(size) for size in found.shape), indexing="ij", sparse=True)
    total = sum((grid * step for grid, step in zip(grids, steps, strict=True)), np.zeros((), np.int64))
    if not np.array_equal(np.broadcast_to(total, found.shape), found):
        return None
    axes = sorted(range(found.ndim), key=lambda axis: (-_span(steps, found.shape, axis), axis))
    return tuple(found.shape[axis] for axis in axes), tuple(int(place) for place in np.argsort(axes))


def _step(found: NDArray[np.int64], axis: int) -> int:
    """How far apart neighbours along an axis are; 0 where there are none."""
    return int(found.take(1, axis).flat[0]) - int(found.flat[0]) if found.shape[axis] > 1 else 0


def _span(steps: Sequence[int], shape: Sequence[int], axis: int) -> int:
    """What orders axes by how far apart their elements are; one of a single element goes before its next neighbour."""
    if shape[axis] > 1:
        return steps[axis]
    if axis == 0:
        return int(np.prod(shape, dtype=np.int64)) + 1  # the batch stays in front
    after = next((other for other in range(axis + 1, len(shape)) if shape[other] > 1), None)
    return 0 if after is None else steps[after] * shape[after]


def reshape(model: Model, node: Any, source: int, shape: Sequence[int]) -> None:
    """The same place and output, and RESHAPE of another tensor."""
    constant = model.constant(np.array(shape, np.int32), f"{model.name(node.outputs[0])}_shape")
    model.become(node, "RESHAPE", [source, constant], newShape=np.array(shape, np.int32))
