"""What only carries shapes about is folded."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from edgewright.compiler import compile_model
from edgewright.compiler.host import build
from edgewright.tflite.reader import parse_model
from testbench.differential.builder import ModelBuilder, Value


def _net() -> bytes:
    """Values on a grid of the shape of the input, made as converters write it."""
    net = ModelBuilder()

    def shape() -> Value:
        return net.tensor((2,), dtype="int32")

    def grid() -> Value:
        return net.tensor((2, 3), 0.5, 1)

    x = grid()
    sizes = net.op("SHAPE", [x], [shape()], out_type=2)
    both = net.op("BROADCAST_ARGS", [sizes, net.constant(np.array([1, 3], np.int32))], [shape()])
    filled = net.op("FILL", [both, net.constant(np.array(5, np.int8), 0.5, 1)], [grid()])
    rows = net.op("BROADCAST_TO", [net.constant(np.array([[1], [9]], np.int8), 0.5, 1), both], [grid()])
    least = net.op("MINIMUM", [filled, rows], [grid()])
    return net.finish([x], [net.op("MAXIMUM", [x, least], [grid()])])


def test_shapes_and_fills(tmp_path: Path) -> None:
    compiled = compile_model(parse_model(_net()), "net")
    assert [layer["op"] for layer in compiled.facts()["layers"]] == ["MINIMUM", "MAXIMUM"]
    (got,) = build(compiled, tmp_path).run([np.zeros((1, 2, 3), np.int8)])
    assert got[0].tolist() == [[1, 1, 1], [5, 5, 5]]


def test_lengths_that_converters_multiply(tmp_path: Path) -> None:
    """Of a dense layer over a sequence with an open batch: they make the shape of a RESHAPE."""
    net = ModelBuilder()

    def whole(*shape: int) -> Value:
        return net.tensor(shape, dtype="int32")

    x = net.tensor((1, 4, 3), 0.5, 1)
    sizes = net.op("SHAPE", [x], [whole(3)], out_type=2)
    outer = net.op("GATHER", [sizes, net.constant(np.array([0, 1], np.int32))], [whole(2)], axis=0)
    rows = net.op("REDUCE_PROD", [outer, net.constant(np.array([0], np.int32))], [whole()], keep_dims=False)
    shape = net.op("PACK", [rows, net.constant(np.array(3, np.int32))], [whole(2)], values_count=2, axis=0)
    flat = net.op("RESHAPE", [x, shape], [net.tensor((4, 3), 0.5, 1)])
    compiled = compile_model(
        parse_model(net.finish([x], [net.op("RELU", [flat], [net.tensor((4, 3), 0.5, 1)])])), "net"
    )
    assert "GATHER" not in {layer["op"] for layer in compiled.facts()["layers"]}
    values = np.arange(-6, 6, dtype=np.int8).reshape(1, 1, 4, 3)
    (got,) = build(compiled, tmp_path).run([values])
    assert got[0].tolist() == np.maximum(values[0, 0], 1).tolist()
