"""Signal operators against TensorFlow Lite Micro, byte for byte: alone, as a front end, and what they refuse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from edgewright import ops
from edgewright.compiler import compile_model
from edgewright.compiler.host import build
from edgewright.errors import UserError
from edgewright.ops import table
from edgewright.tflite.reader import parse_model
from testbench.differential.builder import ModelBuilder, Value
from testbench.differential.network import Network
from testbench.differential.oracle import Oracle
from testbench.differential.signals import GENERATORS
from tests.ops.batch import SANITIZE, Case, assert_same, compile_batch

CASES = 5
CALLS = 7
LEAST = -32768


def content(net: Network, value: Value, call: int) -> NDArray[Any]:
    """All of a type; its ends in some calls, and small numbers in others."""
    if value.dtype == "float32":
        return net.random.standard_normal(value.shape).astype(np.float32)
    info = np.iinfo(value.dtype)
    if call < 2:
        return np.full(value.shape, (info.min, info.max)[call], value.dtype)
    full = net.random.integers(info.min, info.max, value.shape, value.dtype, endpoint=True)
    if value.dtype == "int32":  # whose transform has no room for more
        return full >> 1
    return full if call % 2 else full >> np.array(net.between(0, info.bits - 2), value.dtype)


@pytest.mark.parametrize("group", range(2))
def test_random(group: int, tmp_path: Path, oracle: Oracle) -> None:
    net, cases = Network(np.random.default_rng([18, group])), []
    for (op, dtype), make in sorted(GENERATORS.items())[group::2]:
        cases += [Case(f"{op} {dtype} {n}", make(net, Value(-1, (), ""))) for n in range(CASES)]
    samples = [[content(net, value, call) for value in net.inputs] for call in range(CALLS)]
    expected = oracle.run(net.builder.finish(net.inputs, [case.output for case in cases]), samples)
    program = build(compile_batch(net, cases), tmp_path, "gcc", SANITIZE)
    assert_same(program, samples, expected, [case.name for case in cases])


def test_every_signal_operator_has_random_cases() -> None:
    signals = [op for op in table.operators() if op.name.startswith("SIGNAL_")]
    assert {(op.name, dtype) for op in signals for dtype in op.dtypes} == set(GENERATORS)


def streamed(model: bytes, values: list[NDArray[Any]], folder: Path) -> list[NDArray[Any]]:
    """Outputs of the compiled model, an array (calls, ...) each."""
    return build(compile_model(parse_model(model), "net"), folder, "gcc", SANITIZE).run([np.stack(values)])


def frames(size: int, step: int, calls: int, *, prefill: bool) -> tuple[bytes, list[NDArray[np.int16]]]:
    net = ModelBuilder()
    x, y, valid = (
        net.tensor((2 * step,), dtype="int16"),
        net.tensor((2, size), dtype="int16"),
        net.tensor((), dtype="bool"),
    )
    net.op("SIGNAL_FRAMER", [x], [y, valid], frame_size=size, frame_step=step, prefill=prefill)
    samples = np.arange(1, 2 * step * calls + 1, dtype=np.int16).reshape(calls, -1)
    return net.finish([x], [y, valid]), list(samples)


@pytest.mark.parametrize(("size", "step"), [(10, 4), (8, 4), (3, 5), (5, 5), (13, 2)])
def test_frames_wait_until_they_are_complete(size: int, step: int, tmp_path: Path, oracle: Oracle) -> None:
    model, values = frames(size, step, 6, prefill=False)
    expected, (got, valid) = oracle.run(model, [[value] for value in values]), streamed(model, values, tmp_path)
    assert valid.reshape(-1).tolist() == [bool(outputs[1]) for outputs in expected]
    assert valid.reshape(-1)[-1]
    for mine, theirs in zip(got[valid.reshape(-1) != 0], (o[0] for o in expected if o[1]), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    waiting = got[valid.reshape(-1) == 0].reshape(-1, size)
    assert all(not frame.any() or np.all(np.diff(frame) == 1) for frame in waiting)


@pytest.mark.parametrize(("left", "right", "step"), [(2, 1, 1), (0, 3, 2), (1, 2, 4), (3, 0, 4)])
def test_stacks_wait_until_they_are_complete(left: int, right: int, step: int, tmp_path: Path, oracle: Oracle) -> None:
    net, count = ModelBuilder(), 3 * (left + right + 1)
    x, y, valid = net.tensor((3,), dtype="int16"), net.tensor((count,), dtype="int16"), net.tensor((), dtype="bool")
    options = {"num_channels": 3, "stacker_left_context": left, "stacker_right_context": right, "stacker_step": step}
    net.op("SIGNAL_STACKER", [x], [y, valid], **options)
    model, values = net.finish([x], [y, valid]), list(np.arange(36, dtype=np.int16).reshape(12, 3) + 1)
    expected, (got, flags) = oracle.run(model, [[value] for value in values]), streamed(model, values, tmp_path)
    assert flags.sum() > 0
    for mine, flag, theirs in zip(got, flags.reshape(-1), expected, strict=True):
        assert flag == theirs[1]
        np.testing.assert_array_equal(mine, theirs[0] if flag else 0)


def test_energy_outside_of_the_range_is_zero(tmp_path: Path) -> None:
    net = ModelBuilder()
    x, y = net.tensor((10,), dtype="int16"), net.tensor((5,), dtype="uint32")
    net.op("SIGNAL_ENERGY", [x], [y], start_index=1, end_index=4)
    (got,) = streamed(net.finish([x], [y]), [np.array([3, 4] * 5, np.int16), np.full(10, LEAST, np.int16)], tmp_path)
    assert got.tolist() == [[0, 25, 25, 25, 0], [0, 1 << 31, 1 << 31, 1 << 31, 0]]


def _refused(op: str, shape: tuple[int, ...], out: tuple[int, ...], dtype: str = "int16", **options: int) -> bytes:
    net, results = ModelBuilder(), [("int16", out)]
    if op in ("SIGNAL_FRAMER", "SIGNAL_STACKER"):
        results.append(("bool", ()))
    if op == "SIGNAL_FILTER_BANK_LOG":
        dtype = "uint32"
    x, outputs = net.tensor(shape, dtype=dtype), [net.tensor(size, dtype=kind) for kind, size in results]
    net.op(op, [x], outputs, **options)
    return net.finish([x], outputs[:1])


def _bank(*widths: int) -> bytes:
    net = ModelBuilder()
    x, y = net.tensor((8,), dtype="uint32"), net.tensor((1,), dtype="uint64")
    arrays = [np.ones(6, np.int16), np.ones(6, np.int16), [0, 3], [0, 3], list(widths)]
    net.op("SIGNAL_FILTER_BANK", [x, *(net.constant(np.array(a, np.int16)) for a in arrays)], [y], num_channels=1)
    return net.finish([x], [y])


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        (
            _refused("SIGNAL_RFFT", (12,), (14,), T=7, fft_length=12),
            "fft_length is 12, supported: powers of two from 4",
        ),
        (_refused("SIGNAL_RFFT", (12,), (18,), T=7), "fft_length is 0"),
        (_refused("SIGNAL_RFFT", (17,), (18,), T=7, fft_length=16), "up to 16 samples a frame"),
        (_refused("SIGNAL_IRFFT", (16,), (16,), T=7, fft_length=16), "expected 18 numbers a frame"),
        (_refused("SIGNAL_ENERGY", (8,), (4,), start_index=0, end_index=4), "output is int16, supported: uint32"),
        (_refused("SIGNAL_FRAMER", (8,), (2, 9), frame_size=9), "the attribute frame_step is missing"),
        (_refused("SIGNAL_FRAMER", (8,), (2, 3), frame_size=3, frame_step=4, prefill=1), "4 is above frame_size 3"),
        (_refused("SIGNAL_FRAMER", (9,), (2, 9), frame_size=9, frame_step=4, prefill=1), "whole number of steps of 4"),
        (_refused("SIGNAL_DELAY", (8,), (8,), delay_length=-1), "delay_length is -1, supported: 0 to 32767"),
        (_refused("SIGNAL_OVERLAP_ADD", (8,), (4,), T=7, frame_step=4), "expected frames of at least 4"),
        (
            _refused("SIGNAL_FILTER_BANK_LOG", (8,), (7,), output_scale=9, input_correction_bits=0),
            "7 elements, expected 8",
        ),
        (_bank(3, 4), "a band ends beyond the 6 weights"),
        (_bank(9, 3), "a band ends beyond the 8 energies"),
        (_bank(-1, 3), "a start or width of a band is negative"),
    ],
)
def test_refused(model: bytes, problem: str) -> None:
    with pytest.raises(UserError, match=problem):
        compile_model(parse_model(model), "net")


def test_a_signal_operator_of_floats_is_found_by_its_type() -> None:
    model = _refused("SIGNAL_RFFT", (8,), (10,), "int32", T=2, fft_length=8)
    view = next(parse_model(model).views())
    assert ops.get_for(view).dtypes == ("int32",)
