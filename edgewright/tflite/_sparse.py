"""Sparse constants: what is stored of a tensor becomes the whole tensor.

The format is that of the schema's SparsityParameters. A tensor of n dimensions may be cut into blocks along some of
them, so that there are n + k dimensions; `traversal_order` says in which order their levels are nested. A level is
dense, with so many elements, or compressed as in CSR: `segments` and `indices`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from tflite.DimensionType import DimensionType
from tflite.Int32Vector import Int32Vector
from tflite.SparseIndexVector import SparseIndexVector
from tflite.Uint8Vector import Uint8Vector
from tflite.Uint16Vector import Uint16Vector

from edgewright.errors import UserError
from edgewright.tflite._flatbuffer import Record, corrupt
from edgewright.tflite.graph import NONE, Graph, Node

MAX_BYTES = 1 << 26
"""Largest tensor that is expanded: it takes memory that the file's own size does not bound."""

_VECTORS = {
    SparseIndexVector.Int32Vector: Int32Vector,
    SparseIndexVector.Uint16Vector: Uint16Vector,
    SparseIndexVector.Uint8Vector: Uint8Vector,
}


class _Level(NamedTuple):
    """A dimension: its length; `segments` and `indices` where it is compressed."""

    size: int
    segments: NDArray[np.int64] | None = None
    indices: NDArray[np.int64] | None = None


def expand(sparsity: Record, values: NDArray[Any], shape: tuple[int, ...], where: str) -> NDArray[Any]:
    """The tensor with its zeros, read-only.

    Args:
        sparsity: its SparsityParameters.
        values: what is stored, flat, of the tensor's dtype.
        shape: of the tensor.
        where: place for messages.

    Raises:
        UserError: the parameters contradict themselves, the shape or the values.
    """
    if math.prod(shape) * values.itemsize > MAX_BYTES:
        raise UserError(where, "the sparse tensor is too large", got=list(shape), allowed=f"up to {MAX_BYTES:,} bytes")
    order = [int(each) for each in sparsity.numbers("TraversalOrder")]
    blocks = [int(each) for each in sparsity.numbers("BlockMap")]
    sizes = _sizes(sparsity, order, blocks, shape, where)
    places, numbers = _walk(_levels(sparsity, order, sizes, where), where)
    if len(numbers) != len(values):
        raise corrupt(where, f"{len(values)} values are stored for {len(numbers)} places of a sparse tensor")
    found = np.zeros(math.prod(shape), values.dtype)
    found[_flat(dict(zip(order, places, strict=True)), blocks, sizes, shape)] = values
    found.flags.writeable = False
    return found.reshape(shape)


def without_densify(graph: Graph) -> Graph:
    """The graph without its DENSIFY of constants, which are expanded already."""
    made = {node.outputs[0]: graph.tensors[node.inputs[0]] for node in graph.nodes if _is_done(graph, node)}
    nodes = tuple(node for node in graph.nodes if not _is_done(graph, node))
    dense = {number: replace(graph.tensors[number], data=source.data) for number, source in made.items()}
    return replace(graph, nodes=nodes, tensors={**graph.tensors, **dense})


def _is_done(graph: Graph, node: Node) -> bool:
    if node.op != "DENSIFY" or len(node.inputs) != 1 or len(node.outputs) != 1 or node.inputs[0] == NONE:
        return False
    source, result = graph.tensors[node.inputs[0]], graph.tensors[node.outputs[0]]
    return source.is_constant and (source.shape, source.dtype) == (result.shape, result.dtype)


def _sizes(
    sparsity: Record, order: Sequence[int], blocks: Sequence[int], shape: tuple[int, ...], where: str
) -> list[int]:
    """Lengths of the tensor's dimensions, counted in blocks, and of the blocks."""
    rank = len(shape)
    if sorted(order) != list(range(rank + len(blocks))) or not set(blocks) <= set(range(rank)):
        raise corrupt(where, f"order {order} and blocks {blocks} are none of {rank} dimensions")
    found = list(shape)
    levels = sparsity.records("DimMetadata", "dimension")
    if len(levels) != len(order):
        raise corrupt(where, f"{len(levels)} levels are told of {len(order)} dimensions of a sparse tensor")
    for number, axis in enumerate(blocks, rank):
        size = int(levels[order.index(number)].value("DenseSize"))
        if size < 1 or found[axis] % size:
            raise corrupt(where, f"blocks of {size} do not fit {list(shape)}")
        found[axis] //= size
        found.append(size)
    return found


def _levels(sparsity: Record, order: Sequence[int], sizes: Sequence[int], where: str) -> list[_Level]:
    records = sparsity.records("DimMetadata", "dimension")
    return [_level(record, sizes[dimension], where) for record, dimension in zip(records, order, strict=True)]


def _level(record: Record, size: int, where: str) -> _Level:
    if record.value("Format") == DimensionType.DENSE:
        if record.value("DenseSize") != size:
            raise corrupt(where, f"a dense level has {record.value('DenseSize')} elements, its dimension {size}")
        return _Level(size)
    segments, indices = (_vector(record, field, where) for field in ("ArraySegments", "ArrayIndices"))
    is_sound = segments.size and segments[0] == 0 and segments[-1] == indices.size and np.all(np.diff(segments) >= 0)
    if not is_sound or np.any((indices < 0) | (indices >= size)):
        raise corrupt(where, "segments and indices of a sparse tensor contradict each other")
    return _Level(size, segments, indices)


def _vector(record: Record, field: str, where: str) -> NDArray[np.int64]:
    accessor = _VECTORS.get(int(record.value(f"{field}Type")))
    table = record.union(field, accessor) if accessor else None
    if table is None:
        raise corrupt(where, f"{field} is left out of a sparse tensor")
    return table.numbers("Values").astype(np.int64)


def _walk(levels: Sequence[_Level], where: str) -> tuple[list[NDArray[np.int64]], NDArray[np.int64]]:
    """For each level the index of each value that is stored, in order; and the values' numbers."""
    places: list[NDArray[np.int64]] = []
    parents = np.zeros(1, np.int64)
    for level in levels:
        counts, parents, index = _step(level, parents, where)
        places = [np.repeat(place, counts) for place in places] + [index]
    return places, parents


def _step(
    level: _Level, parents: NDArray[np.int64], where: str
) -> tuple[NDArray[np.int64] | int, NDArray[np.int64], NDArray[np.int64]]:
    """How many children each parent has, and number and index of each child."""
    if level.segments is None or level.indices is None:
        index = np.tile(np.arange(level.size, dtype=np.int64), len(parents))
        children: NDArray[np.int64] = np.repeat(parents * level.size, level.size) + index
        return level.size, children, index
    if len(level.segments) != len(parents) + 1:
        raise corrupt(where, f"{len(level.segments)} segments are told of {len(parents)} rows of a sparse tensor")
    return np.diff(level.segments), np.arange(len(level.indices)), level.indices


def _flat(
    places: dict[int, NDArray[np.int64]], blocks: Sequence[int], sizes: Sequence[int], shape: tuple[int, ...]
) -> NDArray[np.int64]:
    """Where each value stands in the flat tensor."""
    axes = [places[axis] for axis in range(len(shape))]
    for number, axis in enumerate(blocks, len(shape)):
        axes[axis] = axes[axis] * sizes[number] + places[number]
    strides = [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]
    return sum((axis * stride for axis, stride in zip(axes, strides, strict=True)), np.zeros(1, np.int64))
