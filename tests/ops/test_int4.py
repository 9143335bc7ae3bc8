"""Weights of four bits against TensorFlow Lite Micro, and how they are read and stored."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edgewright.compiler import CompileOptions, Core, compile_model
from edgewright.errors import UserError
from edgewright.tflite.reader import parse_model
from testbench.differential.builder import ModelBuilder
from testbench.differential.network import Network
from testbench.differential.operators import GENERATORS
from testbench.differential.oracle import Oracle
from tests.ops.batch import Case, assert_bit_exact

WEIGHTED = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")


class _Packed(Network):
    """A network whose weights are all of four bits."""

    def chance(self, share: float) -> bool:
        return share == 0.12 or super().chance(share)


def _dense(numbers: np.ndarray, extra: bytes = b"") -> bytes:
    net = ModelBuilder()
    x, y = net.tensor((1, numbers.shape[1]), 0.1), net.tensor((1, len(numbers)), 0.5)
    weights = net.int4(numbers.astype(np.int8), 0.1)
    net._buffers[-1] += extra
    net.op("FULLY_CONNECTED", [x, weights, None], [y], version=7)
    return net.finish([x], [y])


@pytest.mark.parametrize("op", WEIGHTED)
def test_random(op: str, tmp_path: Path, oracle: Oracle) -> None:
    net = _Packed(np.random.default_rng([4, *op.encode()]))
    cases = []
    for number in range(8):
        x = net.input((net.pick(1, 2), net.between(1, 9), net.between(1, 9), net.between(1, 7)))
        cases.append(Case(f"{op} {number}: {x}", GENERATORS[op](net, x)))
    assert_bit_exact(net, cases, tmp_path, oracle)


def test_two_numbers_lie_in_a_byte_the_first_one_low() -> None:
    numbers = np.array([[-8, 7, 1], [0, -1, 3], [5, 2, -3]])
    graph = parse_model(_dense(numbers))
    weights = graph.tensors[2]
    assert (weights.dtype, weights.shape) == ("int8", (3, 3))
    np.testing.assert_array_equal(weights.data, numbers)


def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(UserError, match=r"\(3, 3\) of int4 has 6 bytes of content"):
        parse_model(_dense(np.ones((3, 3)), b"\0"))


def test_coded_weights_take_four_bits_or_fewer() -> None:
    numbers = np.random.default_rng(1).integers(-8, 8, (64, 512))
    graph = parse_model(_dense(numbers))
    core = Core("cortex-m4", "armv7e-m", has_dsp=True)
    coded = compile_model(graph, "net", core, CompileOptions(weights="startup"))
    assert coded.facts()["weights_bytes"] < numbers.size * 0.55
