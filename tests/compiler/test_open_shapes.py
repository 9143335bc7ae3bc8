"""Shapes of a batch that was left open follow from constants; files have 1 there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edgewright.compiler import CompileOptions, compile_model, host
from edgewright.errors import UserError
from edgewright.tflite.reader import parse_model
from testbench.differential.builder import ModelBuilder, Value
from testbench.differential.oracle import Oracle

INT8 = np.random.default_rng(3).integers(-128, 128, (3, 1, 4, 3)).astype(np.int8)


def _values(net: ModelBuilder, *shape: int) -> Value:
    return net.tensor(shape, 0.5, 1)


def _whole(net: ModelBuilder, *values: int) -> Value:
    return net.constant(np.array(values, np.int32))


def _rows(net: ModelBuilder, x: Value) -> Value:
    """The matrix of a sequence: [4, 3], which the file has as [1, 3]."""
    sizes = net.op("SHAPE", [x], [net.tensor((3,), dtype="int32")], out_type=2)
    outer = net.op("GATHER", [sizes, _whole(net, 0, 1)], [net.tensor((2,), dtype="int32")], axis=0)
    rows = net.op("REDUCE_PROD", [outer, _whole(net, 0)], [net.tensor((), dtype="int32")], keep_dims=False)
    last = net.constant(np.array(3, np.int32))
    shape = net.op("PACK", [rows, last], [net.tensor((2,), dtype="int32")], values_count=2, axis=0)
    return net.op("RESHAPE", [x, shape], [_values(net, 1, 3)])


def _dense() -> bytes:
    """As Keras' Dense over a sequence becomes."""
    net = ModelBuilder()
    x = _values(net, 1, 4, 3)
    weights = net.constant(np.arange(-3, 3, dtype=np.int8).reshape(2, 3), 0.23)
    y = net.op("FULLY_CONNECTED", [_rows(net, x), weights], [_values(net, 1, 2)])
    return net.finish([x], [net.op("RESHAPE", [y, _whole(net, -1, 4, 2)], [_values(net, 1, 4, 2)])])


def _norm() -> bytes:
    """As Keras' LayerNormalization becomes: what is not known goes through many operators."""
    net = ModelBuilder()
    x = _values(net, 1, 4, 3)
    rows = net.op("EXPAND_DIMS", [_rows(net, x), _whole(net, -1)], [_values(net, 1, 3, 1)])
    columns = net.op("TRANSPOSE", [rows, _whole(net, 0, 2, 1)], [_values(net, 1, 1, 3)])
    mean = net.op("MEAN", [columns, _whole(net, 2)], [_values(net, 1, 1, 1)], keep_dims=True)
    ones = net.op("FILL", [_whole(net, 4, 1, 1), net.constant(np.array(9, np.int8), 0.5, 1)], [_values(net, 1, 1, 1)])
    shifted = net.op("ADD", [columns, net.op("MUL", [mean, ones], [_values(net, 1, 1, 1)])], [_values(net, 1, 1, 3)])
    shifted = net.op("RELU", [shifted], [_values(net, 1, 1, 3)])
    return net.finish([x], [net.op("RESHAPE", [shifted, _whole(net, 1, 4, 3)], [_values(net, 1, 4, 3)])])


def _parts() -> bytes:
    """As a dilated convolution becomes."""
    net = ModelBuilder()
    x = _values(net, 1, 4, 3)
    block, none = _whole(net, 2), net.constant(np.zeros((1, 2), np.int32))
    parts = net.op("SPACE_TO_BATCH_ND", [x, block, none], [_values(net, 1, 2, 3)])
    image = net.op("EXPAND_DIMS", [parts, _whole(net, 1)], [_values(net, 1, 1, 2, 3)])
    weights = net.constant(np.arange(-6, 6, dtype=np.int8).reshape(2, 1, 2, 3), 0.23)
    bias = net.constant(np.array([3, -9], np.int32), 0.115)
    found = net.op(
        "CONV_2D", [image, weights, bias], [_values(net, 1, 1, 1, 2)], padding=1, stride_w=1, stride_h=1
    )  # fmt: skip
    back = net.op("RESHAPE", [found, _whole(net, -1, 1, 2)], [_values(net, 1, 1, 2)])
    return net.finish([x], [net.op("BATCH_TO_SPACE_ND", [back, block, none], [_values(net, 1, 2, 2)])])


@pytest.mark.parametrize("model", [_dense, _norm, _parts])
def test_answers_are_those_of_litert(model: object, tmp_path: Path) -> None:
    assert callable(model)
    data: bytes = model()
    pytest.importorskip("ai_edge_litert", reason="the oracle ai-edge-litert is not there for this Python")
    with Oracle("LiteRT") as oracle:
        wanted = np.stack([answer[0] for answer in oracle.run(data, [[sample] for sample in INT8])])
    compiled = compile_model(parse_model(data), "net", options=CompileOptions(rounding="litert"))
    assert compiled.rewrites[0]["open_shapes"] > 1
    (got,) = host.build(compiled, tmp_path).run([INT8])
    np.testing.assert_array_equal(got, wanted)


@pytest.mark.parametrize("shape", [(2, 3), (-1, 5), (-1, -1)])
def test_what_does_not_follow_is_refused(shape: tuple[int, ...]) -> None:
    net = ModelBuilder()
    x = _values(net, 1, 4, 3)
    rows = net.op("RESHAPE", [x, _whole(net, *shape)], [_values(net, 1, 3)])
    model = net.finish([x], [net.op("RELU", [rows], [_values(net, 1, 3)])])
    with pytest.raises(UserError, match=r"\[1, 4, 3\] and \[1, 3\] differ in number of elements"):
        compile_model(parse_model(model), "net")
