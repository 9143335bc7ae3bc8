"""Files that mean harm: what the fuzzer found, and claims that no file can keep. Each is a UserError with the place."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import flatbuffers
import numpy as np
import pytest

from edgewright.compiler import compile_model
from edgewright.errors import UserError
from edgewright.tflite.reader import parse_model
from testbench.differential.builder import ModelBuilder, _table, _vector
from testbench.fuzz_reader import attempt, mutated, seeds

FOUND = sorted((Path(__file__).parents[1] / "hostile").glob("*.tflite"))


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem)
def test_what_the_fuzzer_found(path: Path) -> None:
    with pytest.raises(UserError) as caught:
        compile_model(parse_model(path.read_bytes(), path.name), "net")
    assert path.name in str(caught.value)


def test_there_is_a_corpus() -> None:
    assert len(FOUND) >= 8


def test_every_seed_is_a_model() -> None:
    assert all(attempt(data) for data in seeds())


def test_mutants_of_a_fixed_seed() -> None:
    source, models = random.Random(5), seeds()[:40:4]
    refused = sum(not attempt(mutated(source, source.choice(models), models)) for _ in range(250))
    assert 100 < refused < 250


def _refusal(data: bytes) -> str:
    with pytest.raises(UserError) as caught:
        compile_model(parse_model(data, "m.tflite"), "net")
    return str(caught.value)


def _chain(length: int, shape: tuple[int, ...] = (4,)) -> bytes:
    net = ModelBuilder()
    x = y = net.tensor(shape, 0.5)
    for _ in range(length):
        y = net.op("RELU", [y], [net.tensor(shape, 0.5)], version=2)
    return net.finish([x], [y])


def test_a_tensor_of_two_gigabytes() -> None:
    assert "tensor 0 't0', input 0 of the model: the tensor is too large" in _refusal(_chain(1, (1 << 11, 1 << 20)))


def test_a_tensor_that_no_microcontroller_holds() -> None:
    assert "tensor 0 has 33,554,432 bytes, supported: 16,777,216" in _refusal(_chain(1, (1 << 25,)))


def test_more_operators_than_are_looked_at() -> None:
    assert "the model has too many operators, got 4097, allowed: up to 4096" in _refusal(_chain(4097, (1,)))


def test_a_scale_beyond_all_sense() -> None:
    net = ModelBuilder()
    x, y = net.tensor((4,), 1e-40), net.tensor((4,), 0.5)
    assert "tensor 0 't0', input 0 of the model: a scale is beyond all sense" in _refusal(
        net.finish([x], [net.op("RELU", [x], [y])])
    )


def test_an_axis_below_all_dimensions() -> None:
    net = ModelBuilder()
    x, y = net.tensor((2, 3), 0.5), net.tensor((2,), 0.5)
    net.op("MEAN", [x, net.constant(np.array([-3], np.int32))], [y], version=2, keep_dims=False)
    assert "operator 0: MEAN version 2: axes [-3] are none of [2, 3]" in _refusal(net.finish([x], [y]))


def test_a_version_that_is_not_known() -> None:
    net = ModelBuilder()
    x, y = net.tensor((4,), 0.5), net.tensor((4,), 0.5)
    net.op("RELU", [x], [y], version=99)
    assert "RELU version 99: the version is not supported; supported: 1 to 3" in _refusal(net.finish([x], [y]))


def test_an_input_of_many_that_is_left_out() -> None:
    net = ModelBuilder()
    x, y = net.tensor((4,), 0.5), net.tensor((8,), 0.5)
    net.op("CONCATENATION", [x, None], [y], version=2, axis=0)
    assert "an input is left out that is needed" in _refusal(net.finish([x], [y]))


def _bare(code: Callable[[flatbuffers.Builder], dict[str, int]]) -> bytes:
    """A model of one operator without tensors, with an operator code of one's own."""
    fb = flatbuffers.Builder(256)
    operators = _vector(fb, [_table(fb, "Operator", OpcodeIndex=0)])
    graph = _vector(fb, [_table(fb, "SubGraph", Operators=operators)])
    codes = _vector(fb, [_table(fb, "OperatorCode", **code(fb))])
    buffers = _vector(fb, [_table(fb, "Buffer")])
    fb.Finish(_table(fb, "Model", Version=3, OperatorCodes=codes, Subgraphs=graph, Buffers=buffers), b"TFL3")
    return bytes(fb.Output())


def test_a_custom_operator() -> None:
    def code(builder: flatbuffers.Builder) -> dict[str, int]:
        name = builder.CreateString("EvilOp")
        return {"DeprecatedBuiltinCode": 32, "BuiltinCode": 32, "CustomCode": name, "Version": 1}

    assert "operator 0: CUSTOM(EvilOp) version 1: the operator is not supported" in _refusal(_bare(code))


def test_an_operator_from_the_future() -> None:
    code = {"DeprecatedBuiltinCode": 127, "BuiltinCode": 30_000, "Version": 1}
    assert "UNKNOWN(30000) version 1: the operator is not supported" in _refusal(_bare(lambda _: code))


def test_content_outside_the_flatbuffer(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = ModelBuilder._buffer

    def external(net: ModelBuilder, builder: flatbuffers.Builder, data: bytes) -> int:
        return _table(builder, "Buffer", Offset=1 << 40, Size=4) if data else plain(net, builder, data)

    monkeypatch.setattr(ModelBuilder, "_buffer", external)
    net = ModelBuilder()
    x, constant = net.tensor((4,), 0.5), net.constant(np.zeros(4, np.int8), 0.5)
    y = net.op("ADD", [x, constant], [net.tensor((4,), 0.5)])
    assert (
        "its content lies outside the flatbuffer, as converters write models of 2 GiB and more; not supported"
        in _refusal(net.finish([x], [y]))
    )
