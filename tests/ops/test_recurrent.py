"""Recurrent operators at their ends, streamed through TensorFlow Lite Micro; and what they refuse."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from edgewright.compiler import compile_model
from edgewright.compiler.host import build
from edgewright.errors import UserError
from edgewright.tflite.differences import refuse
from edgewright.tflite.reader import parse_model
from testbench.differential.builder import ModelBuilder, Value
from testbench.differential.network import Generator, Network
from testbench.differential.oracle import Oracle
from testbench.differential.recurrent import BOTH_WAYS, FLOAT, HYBRID, lstm_operands
from testbench.differential.typed import GENERATORS, given
from testbench.streams import FIRST, ring, stream
from tests.ops.batch import SANITIZE, Case, assert_bit_exact

TANH = 4


def _lstm_int16(net: Network, units: int) -> Value:
    x = net.builder.tensor((1, 3, 4), 2.0**-12, 0, "int16")
    net.inputs.append(x)
    operands = lstm_operands(net, x, units, 1, 2.0**-15, 0)
    y = net.builder.tensor((1, 3, units), 2.0**-15, 0, "int16")
    options = {"fused_activation_function": TANH, "time_major": False, "cell_clip": 0.0}
    return net.builder.op("UNIDIRECTIONAL_SEQUENCE_LSTM", operands, [y], version=4, **options)  # type: ignore[arg-type]


def test_lstm_of_int16(tmp_path: Path, oracle: Oracle) -> None:
    net = Network(np.random.default_rng(8))
    cases = [Case(f"{units} units", _lstm_int16(net, units)) for units in (1, 2, 5)]
    assert_bit_exact(net, cases, tmp_path, oracle)


@pytest.mark.parametrize("op", sorted(FLOAT))
def test_float32(op: str, tmp_path: Path, oracle: Oracle) -> None:
    net = Network(np.random.default_rng([11, *op.encode()]))
    cases = []
    for number in range(5):
        x = given(net, "float32", net.pick(1, 1, 2), net.between(1, 4), net.between(1, 3), net.between(1, 4))
        cases.append(Case(f"{op} {number}: {x}", FLOAT[op](net, x)))
    assert_bit_exact(net, cases, tmp_path, oracle)


@pytest.mark.parametrize(
    ("op", "make"),
    [*HYBRID.items(), *((f"BIDIRECTIONAL_SEQUENCE_LSTM {kind}", make) for kind, make in BOTH_WAYS.items())],
)
def test_close_to_litert(op: str, make: Generator, tmp_path: Path, litert: Oracle) -> None:
    """Last bits are those of a libm or of LiteRT's own tanh, and of the order in which LiteRT sums float32."""
    net = Network(np.random.default_rng([13, *op.encode()]))
    outputs = []
    for _ in range(8):
        x = given(net, "float32", net.pick(1, 1, 2), net.between(1, 4), net.between(1, 3), net.between(1, 4))
        outputs.append(make(net, x))
    samples = net.samples(4)
    model = net.builder.finish(net.inputs, outputs)
    expected = litert.run(model, samples)
    program = build(compile_model(parse_model(model), "net"), tmp_path, "gcc", SANITIZE)
    for place, got in enumerate(program.run([np.stack(arrays) for arrays in zip(*samples, strict=True)])):
        want = np.stack([answer[place] for answer in expected]).reshape(got.shape)
        np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-6, err_msg=f"{op} {place}")


def _svdf(state: bool = True, rank: int = 1, activation: int = 0) -> bytes:
    net = ModelBuilder()
    x, y = net.tensor((1, 3), 0.5), net.tensor((1, 2), 0.5)
    features, times = np.ones((2, 3), np.int8), np.ones((2, 4), np.int16)
    memory = (net.variable if state else net.tensor)((1, 8), 0.5, 0, "int16")
    bias = net.constant(np.zeros(2, np.int32), 0.05)
    operands = [x, net.constant(features, 0.1), net.constant(times, 0.1), bias, memory]
    net.op("SVDF", operands, [y], version=3, rank=rank, fused_activation_function=activation)
    return net.finish([x] if state else [x, memory], [y])


def _bidirectional_with_auxiliary_input() -> bytes:
    net = ModelBuilder()
    x, y = net.tensor((1, 2, 3), dtype="float32"), net.tensor((1, 2, 8), dtype="float32")
    net.op("BIDIRECTIONAL_SEQUENCE_LSTM", [x, *[None] * 38, x, *[None] * 8], [y], merge_outputs=True)
    return net.finish([x], [y])


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        (_svdf(state=False), "the state is no variable"),
        (_svdf(rank=0), "rank 0 divides no 2 filters"),
        (_bidirectional_with_auxiliary_input(), "BIDIRECTIONAL_SEQUENCE_LSTM version 1: the operator is not supported"),
    ],
)
def test_refused(model: bytes, problem: str) -> None:
    with pytest.raises(UserError, match=problem):
        compile_model(parse_model(model), "net")


def _both_ways(batches: int, time_major: bool = False, merged: bool = True) -> bytes:
    net, random = ModelBuilder(), np.random.default_rng(17)
    steps, units = 4, 2
    shape = (steps, batches) if time_major else (batches, steps)
    x, given = net.tensor((*shape, 3), dtype="float32"), []
    for _ in range(2):
        matrices = [*[(units, 3)] * 4, *[(units, units)] * 4]
        given += [net.constant(random.standard_normal(of).astype(np.float32)) for of in matrices]
        biases = [net.constant(random.standard_normal(units).astype(np.float32)) for _ in range(4)]
        given += [*[None] * 3, *biases, *[None] * 2]
    states = [net.variable((batches, units), dtype="float32") for _ in range(4)]
    outputs = [net.tensor((*shape, count), dtype="float32") for count in ([2 * units] if merged else [units] * 2)]
    options = {"time_major": time_major, "merge_outputs": merged, "fused_activation_function": TANH, "cell_clip": 0.0}
    net.op("BIDIRECTIONAL_SEQUENCE_LSTM", [x, *given, *states, *[None] * 9], outputs, 3, **options)
    return net.finish([x], outputs)


def test_batches_of_both_ways_are_not_for_litert(tmp_path: Path, litert: Oracle) -> None:
    """Its merged answers to several examples that come first change from run to run; ours are those to each alone."""
    x = np.random.default_rng(18).standard_normal((3, 4, 3)).astype(np.float32)
    [got] = build(compile_model(parse_model(_both_ways(3)), "net"), tmp_path, "gcc", SANITIZE).run([x[None]])
    each = [litert.run(_both_ways(1), [[example[None]]])[0][0] for example in x]
    np.testing.assert_allclose(got[0], np.concatenate(each), rtol=1e-5, atol=1e-6)
    message = r"not for {} 2\.\d+\.0.*\n    BIDIRECTIONAL_SEQUENCE_LSTM \(operator 0\): several examples"
    for runtime in ("litert", "tflite-runtime"):
        with pytest.raises(UserError, match=message.format(runtime)):
            refuse(parse_model(_both_ways(3)), runtime)
        for model in (_both_ways(1), _both_ways(3, time_major=True), _both_ways(3, merged=False)):
            refuse(parse_model(model), runtime)
    refuse(parse_model(_both_ways(3)), "aot")


def test_nothing_is_read_before_it_is_written(tmp_path: Path) -> None:
    """Under valgrind, which sees reads of memory that was never written; sanitizers do not."""
    net = Network(np.random.default_rng(9))
    outputs = [GENERATORS[op](net, given(net, "int16", 1, 3, 4, 2)) for op in ("CONV_2D", "SOFTMAX", "TANH", "ADD")]
    outputs.append(_lstm_int16(net, 3))
    typed = net.builder.finish(net.inputs, outputs)
    for name, model, samples in (("typed", typed, net.samples(2)), ("ring", ring(FIRST), [[v] for v in stream(1, 3)])):
        program = build(compile_model(parse_model(model), "net"), tmp_path / name, "gcc", ("-std=c99", "-g", "-O1"))
        given_bytes = b"".join(array.tobytes() for sample in samples for array in sample)
        command = ["valgrind", "-q", "--error-exitcode=9", "--leak-check=full", str(program.path)]
        done = subprocess.run(command, input=given_bytes, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        assert done.stdout
