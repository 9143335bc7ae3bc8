"""Element by element at the ends of what scales and shapes may be, against TensorFlow Lite Micro."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from edgewright import ops
from edgewright.compiler.host import build
from edgewright.tflite.graph import View
from testbench.differential.builder import Value
from testbench.differential.network import Network
from testbench.differential.oracle import Oracle
from testbench.nets import Net
from tests.ops.batch import SANITIZE, Case, assert_bit_exact, assert_same, compile_batch

Make = Callable[[Network], Value]


def _unary(op: str, scale: float, zero: int, out_scale: float, out_zero: int, version: int = 1) -> Make:
    def make(net: Network) -> Value:
        x = net.given((256,), scale, zero)
        return net.builder.op(op, [x], [net.builder.tensor((256,), out_scale, out_zero)], version=version)

    return make


def _binary(op: str, a: tuple[int, ...], b: tuple[int, ...], scales: tuple[float, float, float], zero: int = 0) -> Make:
    def make(net: Network) -> Value:
        left, right = net.given(a, scales[0], -128), net.given(b, scales[1], 127)
        options = {"fused_activation_function": 1} if op == "SUB" else {}
        out = net.builder.tensor(np.broadcast_shapes(a, b), scales[2], zero)
        return net.builder.op(op, [left, right], [out], **options)

    return make


def _log_softmax(scale: float, depth: int) -> Make:
    def make(net: Network) -> Value:
        return net.builder.op("LOG_SOFTMAX", [net.given((3, depth), scale, 5)], [net.output((3, depth), 1 / 16, 127)])

    return make


def _compare(op: str, first: float, second: float) -> Make:
    def make(net: Network) -> Value:
        inputs = [net.given((2, 1, 64), first, -3), net.given((3, 64), second, 5)]
        return net.builder.op(op, inputs, [net.builder.tensor((2, 3, 64), dtype="bool")])

    return make


def _rows(scale: float, zero: int, depth: int) -> Make:
    def make(net: Network) -> Value:
        x = net.given((3, depth), scale, zero)
        return net.builder.op("L2_NORMALIZATION", [x], [net.builder.tensor((3, depth), 1 / 128, 0)])

    return make


FLOATS = (0.9, -0.9, 127.5, 128, -129, 300, -300, 32768, -32769, 7e4, -7e4, 1e6, 3e9, -3e9, np.inf, -np.inf, np.nan)


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "bool"])
def test_cast_of_floats_beyond_the_type(dtype: str, tmp_path: Path, oracle: Oracle) -> None:
    net = Network(np.random.default_rng(4))
    x, y = net.input((len(FLOATS),), "float32"), net.builder.tensor((len(FLOATS),), dtype=dtype)
    net.builder.op("CAST", [x], [y])
    samples = [[np.array(FLOATS, np.float32)]]
    expected = oracle.run(net.builder.finish(net.inputs, [y]), samples)
    assert_same(build(compile_batch(net, [Case("cast", y)]), tmp_path, "gcc", SANITIZE), samples, expected, ["cast"])


CASES: dict[str, Make] = {
    "tanh: coarse": _unary("TANH", 2.0, 0, 1 / 128, 0),
    "tanh: fine": _unary("TANH", 0.001, -128, 1 / 128, 0),
    "tanh": _unary("TANH", 0.05, 17, 1 / 128, 0),
    "elu: coarse": _unary("ELU", 0.5, 20, 0.3, -100),
    "elu: fine": _unary("ELU", 0.004, 127, 0.004, 100),
    "elu: output far too fine": _unary("ELU", 3.0, 0, 1e-6, 0),
    "hard swish: on one side": _unary("HARD_SWISH", 0.02, -128, 0.02, -128),
    "hard swish: gate saturated": _unary("HARD_SWISH", 2.0, 3, 1.5, -100),
    "hard swish: gate never full": _unary("HARD_SWISH", 0.001, 3, 0.001, 0),
    "hard swish: output at its finest": _unary("HARD_SWISH", 0.5, 0, 0.5 / 127, 100),
    "abs: same scale": _unary("ABS", 0.3, 100, 0.3, -128),
    "abs: finer": _unary("ABS", 0.3, -128, 0.003, 127),
    "abs: coarser": _unary("ABS", 0.3, 5, 7.0, -5),
    "rsqrt: fine": _unary("RSQRT", 0.0001, -128, 0.5, -128),
    "rsqrt: coarse": _unary("RSQRT", 30.0, -128, 0.0007, -128),
    "rsqrt: output far too fine": _unary("RSQRT", 0.01, -128, 1e-5, -128),
    "sub: scalar": _binary("SUB", (2, 3, 4), (), (1.0, 1 / 64, 0.5)),
    "sub: both broadcast": _binary("SUB", (3, 1, 4), (1, 5, 1), (0.1, 9.0, 2.0), -128),
    "maximum: other scales": _binary("MAXIMUM", (2, 1, 3, 1), (4, 1, 5), (1.0, 0.1, 1.0)),
    "minimum: scalar": _binary("MINIMUM", (), (4, 5), (1.0, 1.0, 1.0)),
    "squared difference: far apart": _binary("SQUARED_DIFFERENCE", (4, 64), (64,), (1e-4, 10.0, 1000.0), -128),
    "squared difference: output too fine": _binary("SQUARED_DIFFERENCE", (4, 64), (64,), (1.0, 1.0, 1e-3), 127),
    "prelu: slope for each element": _binary("PRELU", (3, 50), (3, 50), (0.5, 0.01, 0.4)),
    "prelu: steep slopes": _binary("PRELU", (3, 50), (50,), (0.5, 3.0, 0.01), -128),
    "equal: same scale": _compare("EQUAL", 0.5, 0.5),
    "not equal: fine": _compare("NOT_EQUAL", 2.0**-30, 2.0**-31),
    "less: far apart": _compare("LESS", 0.9, 1e-9),
    "greater or equal": _compare("GREATER_EQUAL", 0.99, 0.33),
    "log of softmax: long rows": _log_softmax(0.1, 2000),
    "log of softmax: one far above": _log_softmax(8.0, 30),
    "log of softmax: rows of one": _log_softmax(0.001, 1),
    "norm: rows of one": _rows(0.5, 0, 1),
    "norm: long rows": _rows(0.5, -128, 2000),
    "norm: fine": _rows(1e-6, 127, 37),
}


def test_at_the_ends(tmp_path: Path, oracle: Oracle) -> None:
    net = Network(np.random.default_rng(4))
    assert_bit_exact(net, [Case(name, make(net)) for name, make in CASES.items()], tmp_path, oracle)


def test_quotients_far_below_the_scale_are_0_and_a_divisor_of_0_the_smallest_one(tmp_path: Path) -> None:
    net = Network(np.random.default_rng(9))
    a, b = net.given((5,), 0.05, 3), net.given((5,), 0.05, 3)
    cases = [Case("div", net.builder.op("DIV", [a, b], [net.builder.tensor((5,), 1.0, 7)]))]
    inputs = [np.array([row], np.int8) for row in ([4, 2, 13, -7, 3], [127, 127, 3, 3, 3])]
    (got,) = build(compile_batch(net, cases), tmp_path, "gcc", SANITIZE).run(inputs)
    assert got.tolist() == [[7, 7, 17, -3, 7]]


def test_roots_of_numbers_below_0_are_that_of_0(tmp_path: Path) -> None:
    net = Network(np.random.default_rng(9))
    cases = [Case("sqrt", net.builder.op("SQRT", [net.given((4,), 0.25, 0)], [net.builder.tensor((4,), 0.5, -5)]))]
    (got,) = build(compile_batch(net, cases), tmp_path, "gcc", SANITIZE).run([np.array([[-128, -1, 0, 16]], np.int8)])
    assert got.tolist() == [[-5, -5, -5, -1]]


@pytest.mark.parametrize(("scale", "out_scale"), [(0.3, 0.3), (0.3, 0.007), (0.02, 1.5)])
def test_neg_is_its_definition(scale: float, out_scale: float) -> None:
    net = Net()
    graph = net.graph(net.op("NEG", [net.input((4,), scale, 11)], (4,), out_scale, -20))
    function = ops.get("NEG").function(View(graph, graph.nodes[0]))  # type: ignore[attr-defined]
    x = np.arange(-128, 128)
    exact = np.clip((11 - x) * float(np.float32(scale)) / float(np.float32(out_scale)) - 20, -128, 127)
    assert np.max(np.abs(np.array([function(int(v)) for v in x]) - exact)) <= 0.6  # it is rounded twice
