"""Operators that move data as kernel cases: what numpy makes of the same places must come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright import ops
from edgewright.kernels.record import REF
from edgewright.tflite.graph import Graph, Node, Quantization, Tensor, View
from testbench.kernels.image import Case


def pad(shape: Sequence[int], paddings: Sequence[tuple[int, int]], dtype: str, zero_point: int = 0) -> Case:
    """PAD: places before and after each dimension of an input."""
    x = _data(shape, dtype)
    expected = np.pad(x, paddings, constant_values=np.array(zero_point, dtype))
    return _case("PAD", (x, np.array(paddings, np.int32)), expected, {}, zero_point)


def strided_slice(shape: Sequence[int], taken: Sequence[slice], dtype: str) -> Case:
    """STRIDED_SLICE: a slice of each dimension."""
    x = _data(shape, dtype)
    ranges = [each.indices(size) for each, size in zip(taken, shape, strict=True)]
    constants = [np.array(column, np.int32) for column in zip(*ranges, strict=True)]
    backwards = [1 << i for i, (_, end, step) in enumerate(ranges) if step < 0 and end < 0]
    return _case("STRIDED_SLICE", (x, *constants), x[tuple(taken)], {"end_mask": sum(backwards)})


def transpose(shape: Sequence[int], order: Sequence[int], dtype: str) -> Case:
    """TRANSPOSE."""
    x = _data(shape, dtype)
    return _case("TRANSPOSE", (x, np.array(order, np.int32)), x.transpose(order), {})


def concatenation(shapes: Sequence[Sequence[int]], axis: int, dtype: str) -> Case:
    """CONCATENATION of inputs."""
    given = [_data(shape, dtype, seed) for seed, shape in enumerate(shapes)]
    return _case("CONCATENATION", given, np.concatenate(given, axis), {"axis": axis}, computed=len(given))


def _case(
    op: str,
    arrays: Sequence[NDArray[Any]],
    expected: NDArray[Any],
    options: Mapping[str, Any],
    zero_point: int = 0,
    computed: int = 1,
) -> Case:
    """A node of which the first `computed` operands are no constants."""
    dtype, last = str(expected.dtype), len(arrays)
    scale = Quantization(np.array([0.5], np.float32), np.array([zero_point], np.int64))
    tensors = [Tensor(i, "", x.shape, dtype, scale) for i, x in enumerate(arrays[:computed])]
    tensors += [Tensor(i, "", x.shape, "int32", None, x) for i, x in enumerate(arrays[computed:], computed)]
    tensors.append(Tensor(last, "", expected.shape, dtype, scale))
    node = Node(0, op, 1, tuple(range(last)), (last,), options)
    view = View(Graph("case", "", {t.id: t for t in tensors}, (node,), tuple(range(computed)), (last,)), node)
    typed = ops.get_for(view)
    faults = list(typed.check(view))
    if faults:
        raise AssertionError(f"{op}: {faults}")
    given = tuple(map(_bytes, arrays[:computed]))
    name = f"{dtype} {op} {' '.join(str(list(x.shape)) for x in arrays[:computed])} to {list(expected.shape)}"
    return Case(name, typed.lower(view, REF), given, _bytes(expected), dict(typed.overlap(view, REF)), 0, view)


def _data(shape: Sequence[int], dtype: str, seed: int = 0) -> NDArray[Any]:
    info = np.iinfo(dtype)
    return np.random.default_rng(seed).integers(info.min, info.max + 1, tuple(shape)).astype(dtype)


def _bytes(data: NDArray[Any]) -> NDArray[np.int8]:
    return np.ascontiguousarray(data).reshape(-1).view(np.int8)
