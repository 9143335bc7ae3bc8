"""Recurrent layers as Keras 3 exports them: a loop that gathers its turns in a list of TensorFlow's, held to numpy.

No runtime runs them without TensorFlow.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from edgewright.compiler import compile_model, host
from edgewright.errors import UserError
from edgewright.tflite.graph import Graph
from edgewright.tflite.reader import parse_model, read_model
from testbench.zoo._files import FILES

Array = NDArray[np.float64]


def exported(name: str) -> Path:
    return FILES / "keras-export" / f"{name}.tflite"


def constant(graph: Graph, layer: str, name: str) -> Array:
    """The constant of a layer whose name ends so."""
    named = [t for t in graph.tensors.values() if layer in t.name and t.name.endswith(name)]
    return np.asarray(next(t.data for t in named if t.data is not None), np.float64)


def sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


def lstm(graph: Graph, x: Array, layer: str) -> Array:
    """The states (turns, units) that an LSTM of Keras gives to x (turns, features)."""
    recurrent, bias = constant(graph, layer, "/MatMul_1"), constant(graph, layer, "BiasAdd/ReadVariableOp")
    kernel = constant(graph, layer, "/MatMul")
    h = c = np.zeros(recurrent.shape[1])
    states = []
    for row in x:
        i, f, g, o = np.split(kernel @ row + recurrent @ h + bias, 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        states.append(h)
    return np.array(states)


def scores(graph: Graph, x: Array) -> Array:
    z = constant(graph, "dense_1", "/MatMul") @ x + constant(graph, "dense_1", "/BiasAdd")
    return np.asarray(np.exp(z) / np.exp(z).sum())


def one_way(graph: Graph, x: Array) -> Array:
    return scores(graph, lstm(graph, x, "/lstm_1/")[-1])


def both_ways(graph: Graph, x: Array) -> Array:
    forward, backward = lstm(graph, x, "forward_lstm"), lstm(graph, x[::-1], "backward_lstm")[::-1]
    return scores(graph, np.concatenate([forward, backward], axis=1).reshape(-1))


@pytest.mark.parametrize(("name", "right"), [("lstm", one_way), ("bidirectional", both_ways)])
def test_lists_become_one_tensor(tmp_path: Path, name: str, right: Any) -> None:
    graph = read_model(exported(name))
    x = np.random.default_rng(5).standard_normal((8, *graph.tensors[graph.inputs[0]].shape)).astype(np.float32)
    answers = host.build(compile_model(graph, "net"), tmp_path).run([x])[0]
    wanted = [right(graph, sample[0].astype(np.float64)) for sample in x]
    np.testing.assert_allclose(answers.reshape(8, -1), wanted, atol=1e-6)


def test_a_list_that_goes_elsewhere_is_refused_by_name() -> None:
    data = bytearray(exported("lstm").read_bytes())
    at = data.index(b"FlexTensorListStack")
    data[at : at + 19] = b"FlexTensorListOther"
    with pytest.raises(UserError, match=r"CUSTOM\(FlexTensorListReserve\) version 1: the operator is not supported"):
        compile_model(parse_model(data), "net")
