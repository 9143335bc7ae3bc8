"""float32 data with int8 weights against LiteRT's reference kernels, bit for bit, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edgewright import ops
from edgewright.compiler import compile_model
from edgewright.errors import UserError
from edgewright.tflite.reader import parse_model
from testbench.differential.builder import ModelBuilder
from testbench.differential.hybrid import LITERT
from testbench.differential.network import Network
from testbench.differential.oracle import Oracle
from testbench.differential.typed import given
from tests.ops.batch import Case, assert_bit_exact


@pytest.mark.parametrize("op", sorted(LITERT))
def test_random(op: str, tmp_path: Path, litert: Oracle) -> None:
    net = Network(np.random.default_rng([12, *op.encode()]))
    cases = []
    for number in range(8):
        x = given(net, "float32", net.pick(1, 1, 2), net.between(1, 7), net.between(1, 7), net.between(1, 6))
        cases.append(Case(f"{op} {number}: {x}", LITERT[op](net, x)))
    assert_bit_exact(net, cases, tmp_path, litert)


def _conv(weights: tuple[int, ...], scales: int, axis: int = 0, op: str = "CONV_2D") -> bytes:
    net = ModelBuilder()
    x, y = net.tensor((1, 4, 4, 2), dtype="float32"), net.tensor((1, 4, 4, 2), dtype="float32")
    net.op(op, [x, net.constant(np.ones(weights, np.int8), [0.1] * scales, axis=axis)], [y], version=5, padding=0,
           stride_w=1, stride_h=1, dilation_w_factor=1, dilation_h_factor=1)  # fmt: skip
    return net.finish([x], [y])


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        (_conv((2, 3, 3, 1), 2), "a hybrid convolution has no groups"),
        (_conv((1, 3, 3, 2), 1, 3, "DEPTHWISE_CONV_2D"), "have a scale for each channel"),
    ],
)
def test_refused(model: bytes, problem: str) -> None:
    graph = parse_model(model)
    (view,) = graph.views()
    (found,) = ops.get_for(view).check(view)
    assert problem in found
    with pytest.raises(UserError, match="its weights alone are quantized"):
        compile_model(graph, "net")
