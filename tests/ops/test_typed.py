"""int16 and float32 operators against TensorFlow Lite Micro, byte for byte, and what they refuse."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from edgewright import ops, registry
from edgewright.compiler import compile_model
from edgewright.compiler.host import build
from edgewright.errors import UserError
from edgewright.tflite.reader import parse_model
from testbench.differential import floats, shorts, signals, whole
from testbench.differential.builder import ModelBuilder
from testbench.differential.network import Generator, Network
from testbench.differential.oracle import Oracle
from testbench.differential.typed import GENERATORS, given
from tests.ops.batch import SANITIZE, Case, assert_bit_exact, compile_batch

CASES = 5
RECURRENT = {"SVDF", "UNIDIRECTIONAL_SEQUENCE_LSTM"}
"""Tested in test_recurrent.py."""


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


def _cases(net: Network, dtype: str, makes: Mapping[str, Generator]) -> list[Case]:
    return [
        Case(f"{dtype} {op} {n}", make(net, given(net, dtype, net.pick(1, 2), *(net.between(1, 6) for _ in range(3)))))
        for op, make in makes.items()
        for n in range(CASES)
    ]


def test_random_of_float32_alone(tmp_path: Path, oracle: Oracle) -> None:
    net = Network(np.random.default_rng(4))
    assert_bit_exact(net, _cases(net, "float32", floats.GENERATORS), tmp_path, oracle)


def test_random_of_float32_of_litert(tmp_path: Path, litert: Oracle) -> None:
    net = Network(np.random.default_rng(5))
    assert_bit_exact(net, _cases(net, "float32", floats.LITERT), tmp_path, litert)


def test_random_of_int16_alone(tmp_path: Path, oracle: Oracle) -> None:
    net = Network(np.random.default_rng(7))
    assert_bit_exact(net, _cases(net, "int16", shorts.GENERATORS), tmp_path, oracle)


def test_random_of_int16_of_litert(tmp_path: Path, litert: Oracle) -> None:
    net = Network(np.random.default_rng(8))
    assert_bit_exact(net, _cases(net, "int16", shorts.LITERT), tmp_path, litert)


def test_last_bits_differ_where_litert_has_functions_of_its_own(tmp_path: Path, litert: Oracle) -> None:
    net = Network(np.random.default_rng(6))
    cases, samples = _cases(net, "float32", floats.CLOSE), net.samples(4)
    expected = litert.run(net.builder.finish(net.inputs, [case.output for case in cases]), samples)
    got = build(compile_batch(net, cases), tmp_path, "gcc", SANITIZE).run([*map(np.stack, zip(*samples, strict=True))])
    for place, case in enumerate(cases):
        want = np.stack([outputs[place] for outputs in expected]).reshape(got[place].shape)
        np.testing.assert_allclose(got[place], want, rtol=1e-6, atol=1e-6, err_msg=case.name)


def test_every_operator_of_the_types_has_random_cases() -> None:
    every = {name.upper().replace("-", "_") for name in registry.ops.names()} - {op for op, _ in signals.GENERATORS}
    for dtype, makes in (
        ("int16", {**GENERATORS, **shorts.GENERATORS, **shorts.LITERT}),
        ("float32", {**GENERATORS, **floats.GENERATORS, **floats.LITERT}),
    ):
        names = {name for name in every if dtype in ops.others(name) or ops.get(name).dtypes == (dtype,)}
        elsewhere = {name for name, kind in whole.TFLM if kind == dtype} | RECURRENT | {"DETECTION_POSTPROCESS"}
        elsewhere |= {"GELU", "RELU_N1_TO_1"} if dtype == "float32" else set()
        assert names - elsewhere == set(makes) - {"PAD", "CONCATENATION", "RESIZE_NEAREST_NEIGHBOR"}


def _one(op: str, dtype: str, scale: float, out_scale: float, zero: int = 0, count: int = 1, **options: float) -> bytes:
    net = ModelBuilder()
    x, y = (net.tensor((1, 8), s, zero, dtype) for s in (scale, out_scale))
    net.op(op, [x] * count, [y], version=2, **options)  # type: ignore[arg-type]
    return net.finish([x], [y])


def test_clamp_of_minus_one_to_one_in_float32(tmp_path: Path) -> None:
    program = build(compile_model(parse_model(_one("RELU_N1_TO_1", "float32", 0, 0)), "net"), tmp_path, "gcc", SANITIZE)
    values = np.array([[-np.inf, -1.5, -1, -0.25, 0, 0.5, 1.5, np.inf]], np.float32)
    np.testing.assert_array_equal(program.run([values])[0][0], np.clip(values, -1, 1))


def test_float32_relu_keeps_infinity_and_what_is_no_number(tmp_path: Path) -> None:
    program = build(compile_model(parse_model(_one("RELU", "float32", 0, 0)), "net"), tmp_path, "gcc", SANITIZE)
    values = np.array([[-np.inf, -1.5, np.nan, 0, 1e-40, 0.5, 1e38, np.inf]], np.float32)
    np.testing.assert_array_equal(program.run([values])[0][0], np.where(values < 0, 0, values))


def _matmul_of_scales(*scales: float) -> bytes:
    net = ModelBuilder()
    x, y = net.tensor((1, 2), 0.5), net.tensor((1, 2), 0.5)
    weights = net.constant(np.ones((2, 2), np.int8), scales)
    net.op("BATCH_MATMUL", [x, weights], [y], adj_x=False, adj_y=False)
    return net.finish([x], [y])


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        (_matmul_of_scales(0.5, 0.25), "differ by channel, .*quantize it with one scale"),
        (_one("LOGISTIC", "int16", 0.001, 0.001), "the output's scale is not 2"),
        (_one("TANH", "int16", 8.0, 2.0**-15), "the input's scale is too large"),
        (_one("RELU", "int16", 0.001, 0.001, zero=3), "input has a zero point other than 0"),
        (_one("SOFTMAX", "int16", 0.001, 2.0**-15, beta=float("nan")), "beta nan does not fit"),
        (_one("SOFTMAX", "int8", 0.001, 2.0**-15), "the output's scale and zero point are not 1/256 and -128"),
        (_one("RSQRT", "int16", 2.0**-30, 2.0**-17), "the output's scale does not fit the input's"),
        (_one("DIV", "int8", 1.0, 1e-7, count=2), "the output's scale is too small for the inputs' scales"),
        (_one("ELU", "int16", 0.001, 0.001), "input is int16, supported: int8"),
        (_one("SIN", "int8", 0.1, 0.1), "input 0 is int8, supported: float32"),
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
