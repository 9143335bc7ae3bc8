"""IF and WHILE: what they become gives the oracle's bytes, and what cannot be expanded is refused with the reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from edgewright.compiler import compile_model
from edgewright.compiler.host import build
from edgewright.errors import UserError
from edgewright.tflite.reader import parse_model
from testbench.differential.builder import ModelBuilder, Value
from testbench.differential.oracle import Oracle
from tests.ops.batch import SANITIZE

SHAPE = (1, 6)


def _int8(net: ModelBuilder) -> Value:
    return net.tensor(SHAPE, 0.5, 3)


def _dense(net: ModelBuilder, x: Value, seed: int) -> Value:
    numbers = np.random.default_rng(seed).integers(-90, 90, (6, 6)).astype(np.int8)
    return net.op("FULLY_CONNECTED", [x, net.constant(numbers, 0.01), None], [_int8(net)], version=4)


def _branches(net: ModelBuilder) -> None:
    """Subgraphs 1 and 2: two dense layers; their input itself."""
    yes, no = net.subgraph(), net.subgraph()
    x, z = _int8(yes), _int8(no)
    yes.ends = ([x], [_dense(yes, _dense(yes, x, 1), 2)])
    no.ends = ([z], [z])


def _if(condition: Callable[[ModelBuilder], tuple[list[Value], Value]]) -> bytes:
    net = ModelBuilder()
    given, flag = condition(net)
    x = _int8(net)
    _branches(net)
    first = _dense(net, x, 3)
    y = net.op("IF", [flag, first], [_int8(net)], then_subgraph_index=1, else_subgraph_index=2)
    return net.finish([*given, x], [_dense(net, y, 4)])


def _computed(net: ModelBuilder) -> tuple[list[Value], Value]:
    flag = net.tensor((1,), dtype="bool")
    return [flag], flag


def _constant(flag: bool) -> Callable[[ModelBuilder], tuple[list[Value], Value]]:
    return lambda net: ([], net.constant(np.array([flag])))


def _counter(net: ModelBuilder) -> Value:
    return net.tensor((1,), dtype="int32")


def _while(turns: int, start: Callable[[ModelBuilder], tuple[list[Value], Value]] | None = None) -> bytes:
    """A dense layer again and again, and a sum of what it gave."""
    net = ModelBuilder()
    given, first = start(net) if start else ([], net.constant(np.array([0], np.int32)))
    condition, body = net.subgraph(), net.subgraph()
    i, *rest = _counter(condition), _int8(condition), _int8(condition)
    less = condition.op("LESS", [i, condition.constant(np.array([turns], np.int32))],
                        [condition.tensor((1,), dtype="bool")])  # fmt: skip
    condition.ends = ([i, *rest], [less])
    j, x, total = _counter(body), _int8(body), _int8(body)
    after = _dense(body, x, 5)
    added = body.op("ADD", [total, after], [_int8(body)], version=2)
    one = body.constant(np.array([1], np.int32))
    body.ends = ([j, x, total], [body.op("ADD", [j, one], [_counter(body)]), after, added])
    z = _int8(net)
    outputs = [_counter(net), _int8(net), _int8(net)]
    net.op("WHILE", [first, z, z], outputs, cond_subgraph_index=1, body_subgraph_index=2)
    return net.finish([*given, z], outputs)


MODELS = {
    "if": _if(_computed),
    "if true": _if(_constant(True)),
    "if false": _if(_constant(False)),
    "while": _while(3),
    "while never": _while(0),
}


@pytest.mark.parametrize("name", MODELS)
def test_same_as_the_oracle(name: str, tmp_path: Path, oracle: Oracle) -> None:
    random = np.random.default_rng(5)
    graph = parse_model(MODELS[name])
    samples = []
    for number in range(6):
        x = random.integers(-128, 128, SHAPE).astype(np.int8)
        samples.append([np.array([number % 2 == 0]), x] if name == "if" else [x])
    expected = oracle.run(MODELS[name], samples)
    program = build(compile_model(graph, "net"), tmp_path, "gcc", SANITIZE)
    for in_arena in (True, False):
        got = program.run([np.stack(each) for each in zip(*samples, strict=True)], in_arena=in_arena)
        for place, array in enumerate(got):
            want = np.stack([outputs[place] for outputs in expected]).reshape(array.shape)
            np.testing.assert_array_equal(array, want, err_msg=f"output {place}, in arena: {in_arena}")


def test_a_constant_condition_leaves_one_branch() -> None:
    layers = [layer["op"] for layer in compile_model(parse_model(MODELS["if false"]), "net").facts()["layers"]]
    assert layers == ["FULLY_CONNECTED"] * 2


def _given(net: ModelBuilder) -> tuple[list[Value], Value]:
    value = _counter(net)
    return [value], value


def _into_itself() -> bytes:
    net = ModelBuilder()
    flag, x = net.tensor((1,), dtype="bool"), _int8(net)
    inner = net.subgraph()
    again, z = inner.tensor((1,), dtype="bool"), _int8(inner)
    y = inner.op("IF", [again, again, z], [_int8(inner)], then_subgraph_index=1, else_subgraph_index=1)
    inner.ends = ([again, z], [y])
    out = net.op("IF", [flag, flag, x], [_int8(net)], then_subgraph_index=1, else_subgraph_index=1)
    return net.finish([flag, x], [out])


def _without_subgraph() -> bytes:
    net = ModelBuilder()
    flag, x = net.tensor((1,), dtype="bool"), _int8(net)
    return net.finish([flag, x], [net.op("IF", [flag, x], [_int8(net)], then_subgraph_index=3, else_subgraph_index=9)])


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        (_while(3, _given), "WHILE version 1: how often it turns is not known when it is built"),
        (_while(5000), "WHILE version 1: what it stands for has more than 4096 operators"),
        (_into_itself(), "IF version 1: subgraphs are nested too deeply"),
        (_without_subgraph(), "IF version 1: its subgraph is not there, or does not take its inputs"),
    ],
)
def test_refused(model: bytes, problem: str) -> None:
    with pytest.raises(UserError, match=problem):
        compile_model(parse_model(model), "net")
