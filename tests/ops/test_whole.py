"""int32, int64, bool: arithmetic, comparisons and what carries them, against both oracles."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from edgewright.compiler import compile_model
from edgewright.compiler.host import build
from edgewright.errors import UserError
from edgewright.tflite.reader import parse_model
from testbench.differential.builder import ModelBuilder
from testbench.differential.network import Network
from testbench.differential.oracle import Oracle
from testbench.differential.whole import LITERT, TFLM, Make
from tests.ops.batch import SANITIZE, Case, assert_bit_exact

CASES = 3


def _compare(makes: Mapping[tuple[str, str], Make], seed: int, oracle: Oracle, folder: Path) -> None:
    net = Network(np.random.default_rng([6, seed]))
    cases = [Case(f"{op} {dtype} {n}", make(net, dtype)) for (op, dtype), make in makes.items() for n in range(CASES)]
    assert_bit_exact(net, cases, folder, oracle)


def test_random(tmp_path: Path, oracle: Oracle) -> None:
    _compare(TFLM, 1, oracle, tmp_path)


def test_random_of_litert(tmp_path: Path, litert: Oracle) -> None:
    _compare(LITERT, 2, litert, tmp_path)


def test_ends_of_int64_and_of_casts(tmp_path: Path) -> None:
    net = ModelBuilder()
    x, y = net.tensor((4,), dtype="int64"), net.tensor((4,), dtype="float32")
    outputs = [
        net.op("ADD", [x, x], [net.tensor((4,), dtype="int64")]),
        net.op("LESS", [x, net.constant(np.array([0], np.int64))], [net.tensor((4,), dtype="bool")]),
        net.op("CAST", [y], [net.tensor((4,), dtype="int64")]),
    ]
    program = build(compile_model(parse_model(net.finish([x, y], outputs)), "net"), tmp_path, "gcc", SANITIZE)
    low, high = np.iinfo(np.int64).min, np.iinfo(np.int64).max
    numbers = np.array([[low, high, -1, 1 << 40]])
    reals = np.array([[np.nan, np.inf, -np.inf, -(2.0**40)]], np.float32)
    total, less, cast = program.run([numbers, reals])
    assert total.tolist() == [[0, -2, -2, 1 << 41]]
    assert less.tolist() == [[True, False, True, False]]
    assert cast.tolist() == [[0, high, low, -(1 << 40)]]


def test_quotients_by_0_are_0_and_of_the_least_number_wrap_around(tmp_path: Path) -> None:
    net = ModelBuilder()
    x, y = net.tensor((3,), dtype="int32"), net.tensor((3,), dtype="int32")
    outputs = [net.op(op, [x, y], [net.tensor((3,), dtype="int32")]) for op in ("DIV", "FLOOR_DIV", "FLOOR_MOD")]
    program = build(compile_model(parse_model(net.finish([x, y], outputs)), "net"), tmp_path, "gcc", SANITIZE)
    least = np.iinfo(np.int32).min
    got = program.run([np.array([[7, least, -7]], np.int32), np.array([[0, -1, 2]], np.int32)])
    assert [output.tolist() for output in got] == [[[0, least, -3]], [[0, least, -4]], [[0, 0, 1]]]


def test_a_fused_activation_of_int64_is_refused() -> None:
    net = ModelBuilder()
    x = net.tensor((4,), dtype="int64")
    y = net.op("ADD", [x, x], [net.tensor((4,), dtype="int64")], fused_activation_function=1)
    with pytest.raises(UserError, match="int64 has no fused activation"):
        compile_model(parse_model(net.finish([x], [y])), "net")
