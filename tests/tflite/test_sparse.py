"""Sparse constants: what the reader makes of them is what LiteRT's DENSIFY makes; contradictions are refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from edgewright.compiler import compile_model
from edgewright.errors import UserError
from edgewright.tflite.reader import parse_model
from testbench.differential.oracle import Oracle
from testbench.tflite_files import File, FileOperator, FileTensor

DENSIFY, ADD = 124, 0


@pytest.fixture(scope="module")
def litert() -> Iterator[Oracle]:
    with Oracle("LiteRT") as oracle:
        yield oracle


def _stored(dense: NDArray[np.int8], block: Sequence[int], level: int, kind: int) -> tuple[bytes, dict[str, Any]]:
    """Values and parameters of an array in blocks, with one level compressed; order: dimensions, then blocks."""
    blocks = [axis for axis, size in enumerate(block) if size > 1]
    outer = [n // size for n, size in zip(dense.shape, block, strict=True)]
    cut = dense.reshape([n for pair in zip(outer, block, strict=True) for n in pair])
    order = [*range(0, 2 * dense.ndim, 2), *(2 * axis + 1 for axis in blocks)]
    nested = cut.transpose([*order, *(set(range(cut.ndim)) - set(order))]).reshape(*outer, *(block[a] for a in blocks))
    flat = nested.reshape(int(np.prod(nested.shape[:level])), nested.shape[level], -1)
    kept = flat.any(axis=2)
    segments, indices = [0, *np.cumsum(kept.sum(axis=1)).tolist()], np.nonzero(kept)[1].tolist()
    dims: list[Mapping[str, Any]] = [{"dense": n} for n in nested.shape]
    dims[level] = {"segments": segments, "indices": indices, "kind": kind}
    sparsity = {"dims": dims, "TraversalOrder": list(range(nested.ndim)), "BlockMap": blocks}
    return flat[kept].tobytes(), sparsity


def _file(shape: Sequence[int], data: bytes, sparsity: Mapping[str, Any]) -> bytes:
    """DENSIFY of a constant, added to the input."""
    constant = FileTensor(shape, buffer=1, sparsity=sparsity)
    tensors = [FileTensor(shape), FileTensor(shape, scale=[1.0]), constant, FileTensor(shape)]
    operators = [FileOperator([2], [3], 0), FileOperator([0, 3], [1], 1, (11, "AddOptions", {}))]
    codes = [{"BuiltinCode": DENSIFY, "DeprecatedBuiltinCode": DENSIFY}, {"BuiltinCode": ADD, "Version": 2}]
    return File(tensors, operators, codes, (None, data)).data()


def _array(seed: int, shape: Sequence[int], block: Sequence[int]) -> NDArray[np.int8]:
    random = np.random.default_rng(seed)
    kept = random.random([n // size for n, size in zip(shape, block, strict=True)]) < 0.4
    for axis, size in enumerate(block):
        kept = np.repeat(kept, size, axis=axis)
    return np.asarray(random.integers(1, 128, shape) * kept, np.int8)


CASES = [
    ((6, 8), (1, 1), 1), ((6, 8), (1, 1), 0), ((6, 8), (1, 4), 1), ((6, 8), (2, 4), 1), ((8, 8), (4, 1), 1),
    ((2, 3, 3, 4), (1, 1, 1, 4), 3), ((2, 3, 3, 4), (1, 1, 1, 1), 3), ((4, 6), (4, 6), 1),
]  # fmt: skip


@pytest.mark.parametrize(("shape", "block", "level"), CASES)
@pytest.mark.parametrize("kind", [1, 2, 3])
def test_as_litert_expands_it(
    litert: Oracle, shape: tuple[int, ...], block: tuple[int, ...], level: int, kind: int
) -> None:
    wanted = _array(kind, shape, block)
    model = _file(shape, *_stored(wanted, block, level, kind))
    graph = parse_model(model)
    assert [node.op for node in graph.nodes] == ["ADD"]  # a DENSIFY of what is expanded does nothing
    found = graph.tensors[graph.nodes[0].inputs[1]].data
    assert found is not None
    assert np.array_equal(found, wanted)
    x = np.zeros(shape, np.int8)
    answer = litert.run(model, [[x]])[0][0].astype(int)
    assert np.array_equal(answer, np.floor(wanted / 2 + 0.5).astype(int)), "the file means that to LiteRT"
    compile_model(graph, "m")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"TraversalOrder": [0, 0]}, r"order \[0, 0\] and blocks \[\] are none of 2 dimensions"),
        ({"BlockMap": [5]}, "none of 2 dimensions"),
        ({"dims": [{"dense": 4}, {"segments": [0, 1, 2, 3, 9], "indices": [0, 1, 2]}]}, "contradict each other"),
        ({"dims": [{"dense": 4}, {"segments": [0, 1, 2, 3, 3], "indices": [0, 1, 4]}]}, "contradict each other"),
        ({"dims": [{"dense": 4}, {"segments": [0, 3], "indices": [0, 1, 2]}]}, "2 segments are told of 4 rows"),
        ({"dims": [{"dense": 4}, {"segments": [0, 1, 1, 1, 1], "indices": [0]}]}, "3 values are stored for 1 places"),
        ({"dims": [{"dense": 3}, {"dense": 4}]}, "a dense level has 3 elements, its dimension 4"),
        ({"dims": [{"dense": 4}]}, "1 levels are told of 2 dimensions"),
    ],
)
def test_a_contradiction_is_refused(change: dict[str, Any], message: str) -> None:
    sound = {"dims": [{"dense": 4}, {"segments": [0, 1, 2, 3, 3], "indices": [0, 1, 2]}], "TraversalOrder": [0, 1]}
    with pytest.raises(UserError, match=message) as caught:
        parse_model(_file((4, 4), b"\1\2\3", sound | {"BlockMap": []} | change), "m.tflite")
    assert str(caught.value).startswith("m.tflite: tensor 2 't', read by operator 0 (DENSIFY): ")


def test_a_small_file_does_not_take_a_large_memory() -> None:
    dims = [{"dense": 1 << 15}, {"segments": [0] * ((1 << 15) + 1), "indices": []}]
    with pytest.raises(UserError, match="the sparse tensor is too large"):
        parse_model(_file((1 << 15, 1 << 12), b"\0", {"dims": dims, "TraversalOrder": [0, 1], "BlockMap": []}))
