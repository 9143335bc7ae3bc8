"""int16 and float32 operators against TensorFlow Lite Micro, byte for byte, and what they refuse."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.differential.builder import ModelBuilder
from benchmarks.differential.network import Network
from benchmarks.differential.oracle import Oracle
from benchmarks.differential.typed import GENERATORS, given
from edgewright import ops
from edgewright.compiler import compile_model
from edgewright.compiler.host import build
from edgewright.errors import UserError
from edgewright.tflite.reader import parse_model
from tests.ops.batch import SANITIZE, Case, assert_bit_exact

CASES = 5


@pytest.mark.parametrize("group", range(4))
@pytest.mark.parametrize("dtype", ["int16", "float32"])
def test_random(dtype: str, group: int, tmp_path: Path, oracle: Oracle) -> None:
    net = Network(np.random.default_rng([3, group]))
    cases = []
    for op in sorted(GENERATORS)[group::4]:
        for number in range(CASES):
            shape = (net.pick(1, 1, 2), net.between(1, 6), net.between(1, 6), net.between(1, 5))
            cases.append(Case(f"{dtype} {op} {number}", GENERATORS[op](net, given(net, dtype, *shape))))
    assert_bit_exact(net, cases, tmp_path, oracle)


@pytest.mark.parametrize("dtype", ["int16", "float32"])
def test_every_operator_of_the_type_has_random_cases(dtype: str) -> None:
    names = {name for name in GENERATORS if dtype in ops.others(name)}
    assert names == set(GENERATORS) - {"PAD", "CONCATENATION"}


def _one(op: str, dtype: str, scale: float, out_scale: float, zero: int = 0, **options: float) -> bytes:
    net = ModelBuilder()
    x, y = (net.tensor((1, 8), s, zero, dtype) for s in (scale, out_scale))
    net.op(op, [x], [y], version=2, **options)  # type: ignore[arg-type]
    return net.finish([x], [y])


def test_clamp_of_minus_one_to_one_in_float32(tmp_path: Path) -> None:
    program = build(compile_model(parse_model(_one("RELU_N1_TO_1", "float32", 0, 0)), "net"), tmp_path, "gcc", SANITIZE)
    values = np.array([[-np.inf, -1.5, -1, -0.25, 0, 0.5, 1.5, np.inf]], np.float32)
    np.testing.assert_array_equal(program.run([values])[0][0], np.clip(values, -1, 1))


def test_float32_relu_keeps_infinity_and_what_is_no_number(tmp_path: Path) -> None:
    program = build(compile_model(parse_model(_one("RELU", "float32", 0, 0)), "net"), tmp_path, "gcc", SANITIZE)
    values = np.array([[-np.inf, -1.5, np.nan, 0, 1e-40, 0.5, 1e38, np.inf]], np.float32)
    np.testing.assert_array_equal(program.run([values])[0][0], np.where(values < 0, 0, values))


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        (_one("LOGISTIC", "int16", 0.001, 0.001), "the output's scale is not 2"),
        (_one("TANH", "int16", 8.0, 2.0**-15), "the input's scale is too large"),
        (_one("RELU", "int16", 0.001, 0.001, zero=3), "input has a zero point other than 0"),
        (_one("SOFTMAX", "int16", 0.001, 2.0**-15, beta=float("nan")), "beta nan does not fit"),
        (_one("HARD_SWISH", "int16", 0.001, 0.001), "input is int16, supported: int8"),
        (_one("LEAKY_RELU", "float32", 0, 0, alpha=float("inf")), "alpha is inf"),
    ],
)
def test_refused(model: bytes, problem: str) -> None:
    with pytest.raises(UserError, match=problem):
        compile_model(parse_model(model), "net")


def test_the_api_has_the_types(tmp_path: Path) -> None:
    header = compile_model(parse_model(_one("RELU", "int16", 0.5, 0.25)), "net").files["net.h"]
    assert "ew_status net_invoke(const int16_t *input, int16_t *output, void *arena);" in header
    assert "#define NET_INPUT_BYTES 16" in header
    assert "#define NET_OUTPUT_SCALE 0.25f" in header
