"""Models that keep something from one call to the next, against TensorFlow Lite Micro fed the same way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from edgewright.compiler import CompiledModel, compile_model
from edgewright.compiler.host import build
from edgewright.errors import UserError
from edgewright.tflite.reader import parse_model
from testbench.differential.builder import ModelBuilder, Value
from testbench.differential.oracle import Oracle
from testbench.host_build import HostModel
from testbench.streams import FIRST, FRAME, FRAMES, ring, stream
from tests.ops.batch import AS_IT_IS, SANITIZE


class Streamed:
    """A compiled model whose state the test holds."""

    def __init__(self, model: bytes, folder: Path) -> None:
        self.compiled = compile_model(parse_model(model), "net", options=AS_IT_IS)
        self._program = HostModel(self.compiled.files, "net", folder)
        self.facts = self.compiled.facts()

    def fresh(self) -> NDArray[np.int8]:
        return self._program.fresh_state(self.facts["state_bytes"])

    def step(self, value: NDArray[np.int8], state: NDArray[np.int8]) -> NDArray[np.int8]:
        return self._program.step(value, self.facts["outputs"][0]["shape"], self.facts["arena_bytes"], state)


@pytest.fixture(scope="module")
def streamed(tmp_path_factory: pytest.TempPathFactory) -> Streamed:
    return Streamed(ring(FIRST), tmp_path_factory.mktemp("ring"))


def expected(oracle: Oracle, model: bytes, values: list[NDArray[np.int8]]) -> list[NDArray[np.int8]]:
    return [outputs[0] for outputs in oracle.run(model, [[value] for value in values])]


@pytest.mark.parametrize("first", [None, FIRST])
def test_a_stream_in_pieces_is_that_of_the_oracle(first: bytes | None, tmp_path: Path, oracle: Oracle) -> None:
    model, values = ring(first), stream(1)
    compiled = compile_model(parse_model(model), "net")
    program = build(compiled, tmp_path, "gcc", SANITIZE)
    for in_arena in (True, False):
        (got,) = program.run([np.stack(values)], in_arena=in_arena)
        np.testing.assert_array_equal(got.reshape(len(values), -1), np.concatenate(expected(oracle, model, values)))


def test_two_instances_run_side_by_side(streamed: Streamed, oracle: Oracle) -> None:
    a, b = stream(2), stream(3)
    states = streamed.fresh(), streamed.fresh()
    got = [(streamed.step(x, states[0]), streamed.step(y, states[1])) for x, y in zip(a, b, strict=True)]
    for place, values in enumerate((a, b)):
        np.testing.assert_array_equal([pair[place] for pair in got], expected(oracle, ring(FIRST), values))


def test_reset_begins_a_stream_again(streamed: Streamed) -> None:
    values, state = stream(4), streamed.fresh()
    once = [streamed.step(value, state) for value in values]
    again = streamed.fresh()
    np.testing.assert_array_equal([streamed.step(value, again) for value in values], once)


def test_a_state_is_saved_and_restored_elsewhere(streamed: Streamed) -> None:
    values, state = stream(5), streamed.fresh()
    for value in values[:4]:
        streamed.step(value, state)
    saved = state.tobytes()
    rest = [streamed.step(value, state) for value in values[4:]]
    other = streamed.fresh()
    other[:] = np.frombuffer(saved, np.int8)
    np.testing.assert_array_equal([streamed.step(value, other) for value in values[4:]], rest)


def test_the_header_says_what_the_state_is(streamed: Streamed) -> None:
    header = streamed.compiled.files["net.h"]
    assert f"#define NET_STATE_BYTES {FRAMES * FRAME}" in streamed.compiled.files["net_memory.h"]
    assert "ew_status net_reset(void *state);" in header
    assert "ew_status net_invoke(const int8_t *input, int8_t *output, void *arena, void *state);" in header
    assert streamed.facts["states"] == [
        {"name": "ring", "shape": [1, FRAMES, FRAME], "dtype": "int8", "bytes": FRAMES * FRAME, "offset": 0}
    ]


def test_a_wrong_pointer_to_the_state_is_refused(streamed: Streamed) -> None:
    state = streamed.fresh()
    with pytest.raises(AssertionError, match="returned 2"):
        streamed.step(stream(1)[0], state[1:])


def _compiled(net: ModelBuilder, x: Value, y: Value) -> CompiledModel:
    return compile_model(parse_model(net.finish([x], [y]), "net.tflite"), "net")


def test_a_read_is_what_the_variable_was(tmp_path: Path) -> None:
    net = ModelBuilder()
    x = net.tensor((3,), 0.5, 1)
    handle = net.handle("last")
    old = net.op("READ_VARIABLE", [handle], [net.tensor((3,), 0.5, 1)])
    net.op("ASSIGN_VARIABLE", [handle, x], [])
    y = net.op("RELU6", [old], [net.tensor((3,), 0.5, 1)], version=2)
    program = build(_compiled(net, x, y), tmp_path, "gcc", SANITIZE)
    values = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]], np.int8)
    np.testing.assert_array_equal(program.run([values])[0], [[1, 1, 1], [1, 2, 3], [4, 5, 6]])


def test_call_once_that_computes_is_refused() -> None:
    net = ModelBuilder()
    once = net.subgraph()
    value = once.op("RELU6", [once.constant(np.zeros(3, np.int8), 0.5)], [once.tensor((3,), 0.5)])
    once.op("ASSIGN_VARIABLE", [once.handle("v"), value], [])
    net.op("CALL_ONCE", [], [], init_subgraph_index=1)
    x = net.tensor((3,), 0.5)
    net.op("ASSIGN_VARIABLE", [net.handle("v"), x], [])
    y = net.op("RELU6", [x], [net.tensor((3,), 0.5)], version=2)
    with pytest.raises(UserError, match="operator 0: CALL_ONCE version 1: subgraph 1 does more than"):
        _compiled(net, x, y)


def test_a_variable_of_two_sizes_is_refused() -> None:
    net = ModelBuilder()
    x, handle = net.tensor((3,), 0.5), net.handle("v")
    net.op("ASSIGN_VARIABLE", [handle, x], [])
    y = net.op("READ_VARIABLE", [handle], [net.tensor((4,), 0.5)])
    with pytest.raises(UserError, match="READ_VARIABLE version 1: the variable holds 3 of int8"):
        _compiled(net, x, y)


def test_outputs_that_no_operator_writes_are_copies(tmp_path: Path) -> None:
    net = ModelBuilder()
    x, handle = net.tensor((3,), 0.5, 1), net.handle("v")
    constant = net.constant(np.array([5, 6], np.int8), 0.5)
    y = net.op("RELU6", [x], [net.tensor((3,), 0.5, 1)], version=2)
    net.op("ASSIGN_VARIABLE", [handle, y], [])
    compiled = compile_model(parse_model(net.finish([x], [x, constant, y, y])), "net")
    program = build(compiled, tmp_path, "gcc", SANITIZE)
    values = np.array([[1, 2, 3], [-4, 5, 6]], np.int8)
    for in_arena in (True, False):
        given, fixed, first, second = program.run([values], in_arena=in_arena)
        np.testing.assert_array_equal(given, values)
        np.testing.assert_array_equal(fixed, [[5, 6]] * 2)
        np.testing.assert_array_equal(first, np.clip(values, 1, 13))
        np.testing.assert_array_equal(second, first)
