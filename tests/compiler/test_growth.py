"""Twice the operators are twice the work: lines of Python that run are counted, not seconds."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import numpy as np
import pytest

from edgewright.compiler import compile_model
from edgewright.errors import UserError
from edgewright.tflite.graph import Graph
from edgewright.tflite.reader import parse_model
from testbench.nets import RELU6, Net, to_tflite
from testbench.tflite_files import File, FileOperator, FileTensor

SHORT, LONG = 16, 64
MOST = 6
"""Growth of work from SHORT to LONG: 4 where it is linear, 16 where it is quadratic."""


def _rescaled(net: Net, x: int, place: int) -> int:
    return net.op("RELU", [x], (1, 4), 0.5 if place % 2 else 0.25, version=2)


def _identity(net: Net, x: int, _: int) -> int:
    return net.reshape(x, (1, 4))


def _turned(net: Net, x: int, place: int) -> int:
    return net.reshape(x, (1, 4) if place % 2 else (4, 1))


def _added(net: Net, x: int, _: int) -> int:
    return net.add(net.inputs[0], x)


def _clamped(net: Net, x: int, _: int) -> int:
    return net.op("RELU", [net.dense(x, np.eye(4))], (1, 4), 0.5, version=2)


def _dense(net: Net, x: int, _: int) -> int:
    return net.dense(x, np.eye(4), np.arange(4), act=RELU6)


def _folded(net: Net, x: int, _: int) -> int:
    constant = net.op("TRANSPOSE", [net.const(np.ones((4, 1)), 0.1, dtype="int8"), net.const([1, 0])], (1, 4), 0.1)
    return net.add(x, constant)


KINDS = {f.__name__[1:]: f for f in (_rescaled, _identity, _turned, _added, _clamped, _dense, _folded)}


def _work(action: Callable[[], Any]) -> int:
    """Lines of Edgewright's Python that an action runs, each turn of a loop for itself."""
    lines = 0

    def count(frame: FrameType, event: str, _: object) -> Any:
        nonlocal lines
        if event == "call":
            return count if "edgewright" in frame.f_code.co_filename else None
        lines += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        action()
    finally:
        sys.settrace(before)
    return lines


def _graph(kind: str, length: int) -> Graph:
    net = Net()
    x = net.input((1, 4), 0.5)
    for place in range(length):
        x = KINDS[kind](net, x, place)
    return net.graph(net.op("SOFTMAX", [x], (1, 4), 1 / 256, -128, beta=1.0))


def _chain(kind: str, length: int) -> bytes:
    return to_tflite(_graph(kind, length))


@pytest.mark.parametrize("kind", KINDS)
def test_a_chain_is_compiled_in_linear_work(kind: str) -> None:
    compile_model(parse_model(_chain(kind, 2)), "m")  # what is loaded once
    chains = [_chain(kind, length) for length in (SHORT, LONG)]
    short, long = (_work(lambda data=data: compile_model(parse_model(data), "m")) for data in chains)
    assert long < MOST * short


def test_too_many_operators_are_refused_before_anything_is_done() -> None:
    graph = _graph("identity", 4100)

    def refused() -> None:
        with pytest.raises(UserError, match="the model has too many operators, got 4101, allowed: up to 4096"):
            compile_model(graph, "m")

    assert _work(refused) < 200


def test_a_file_of_twenty_thousand_operators_is_refused_by_their_count() -> None:
    operators = [FileOperator([0], [1])] * 20_000
    data = File([FileTensor([4])] * 2, operators, [{"BuiltinCode": 19}]).data()

    def refused() -> None:
        with pytest.raises(UserError, match="the model has too many operators, got 20000, allowed: up to 16384"):
            parse_model(data, "m.tflite")

    assert _work(refused) < 1000
