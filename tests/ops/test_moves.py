"""Data of every type moved about: the bytes that numpy gives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from edgewright.compiler.host import build
from edgewright.ops.families.move import TYPES
from testbench.differential.builder import Value
from testbench.differential.network import Network
from tests.ops.batch import SANITIZE, Case, compile_batch

SHAPE = (2, 4, 6, 3)
Array = NDArray[np.generic]
Numpy = Callable[[Array], Array]


def _ints(net: Network, *values: int) -> Value:
    return net.builder.constant(np.array(values, np.int32))


def _scalar(net: Network, value: int) -> Value:
    return net.builder.constant(np.array(value, np.int32))


def _space(x: Array) -> Array:
    return x.reshape(2, 2, 2, 3, 2, 3).transpose(0, 1, 3, 2, 4, 5).reshape(2, 2, 3, 12)


def cases(net: Network, x: Value) -> list[tuple[str, Value, Numpy]]:
    def out(*shape: int) -> Value:
        return net.builder.tensor(shape, x.scale, x.zero_point, x.dtype)

    op = net.builder.op
    begin, end, steps = _ints(net, 1, 3, 0, 0), _ints(net, 2, 0, 6, 3), _ints(net, 1, -2, 3, -1)
    masks = {"begin_mask": 8, "end_mask": 8, "shrink_axis_mask": 1}
    split = [out(2, 4, 2, 3) for _ in range(3)]
    return [
        ("transpose", op("TRANSPOSE", [x, _ints(net, 3, 0, 2, 1)], [out(3, 2, 6, 4)]),
         lambda a: a.transpose(3, 0, 2, 1)),
        ("slice", op("SLICE", [x, _ints(net, 1, 1, 0, 2), _ints(net, 1, 2, -1, 1)], [out(1, 2, 6, 1)]),
         lambda a: a[1:, 1:3, :, 2:]),
        ("strided", op("STRIDED_SLICE", [x, begin, end, steps], [out(2, 2, 3)], version=2, **masks),
         lambda a: a[1, 3:0:-2, 0:6:3, ::-1]),
        ("split", op("SPLIT", [_scalar(net, 2), x], split, num_splits=3, shown=1), lambda a: a[:, :, 2:4]),
        ("split v", op("SPLIT_V", [x, _ints(net, 1, -1), _scalar(net, 1)], [out(2, 1, 6, 3), out(2, 3, 6, 3)],
                       num_splits=2, shown=1), lambda a: a[:, 1:]),
        ("unpack", op("UNPACK", [x], [out(4, 6, 3), out(4, 6, 3)], num=2, axis=0, shown=1), lambda a: a[1]),
        ("pack", op("PACK", [x, x], [out(2, 4, 2, 6, 3)], values_count=2, axis=2), lambda a: np.stack([a, a], 2)),
        ("gather", op("GATHER", [x, _ints(net, 5, 0, 0)], [out(2, 4, 3, 3)], axis=2), lambda a: a[:, :, [5, 0, 0]]),
        ("gather rows", op("GATHER", [x, net.builder.constant(np.array([[3], [1]], np.int32))], [out(2, 1, 6, 3)],
                           axis=1, batch_dims=1), lambda a: np.stack([a[0, 3:4], a[1, 1:2]])),
        ("to depth", op("SPACE_TO_DEPTH", [x], [out(2, 2, 3, 12)], block_size=2), _space),
        ("reshape", op("RESHAPE", [x], [out(8, 18)]), lambda a: a.reshape(8, 18)),
    ]  # fmt: skip


@pytest.mark.parametrize("dtype", TYPES)
def test_moved_bytes(dtype: str, tmp_path: Path) -> None:
    net = Network(np.random.default_rng(8))
    made = cases(net, net.input(SHAPE, dtype))
    samples = net.samples(2)
    compiled = compile_batch(net, [Case(name, value) for name, value, _ in made])
    program = build(compiled, tmp_path, "gcc", SANITIZE)
    for in_arena in (True, False):
        results = program.run([np.stack([sample[0] for sample in samples])], in_arena=in_arena)
        for (name, _, numpy), got in zip(made, results, strict=True):
            want = np.stack([numpy(sample[0]) for sample in samples])
            np.testing.assert_array_equal(got, want, err_msg=f"{name}, in arena: {in_arena}")
