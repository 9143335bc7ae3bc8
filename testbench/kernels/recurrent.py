"""Recurrent layers as kernel cases: what the portable kernels make of them on this machine must come out."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from edgewright import ops
from edgewright.compiler import compile_model
from edgewright.compiler.host import build
from edgewright.tflite.reader import parse_model
from testbench.differential.builder import Value
from testbench.differential.network import Network
from testbench.differential.recurrent import lstm_operands
from testbench.kernels.image import Case

_TANH = 4


def case(op: str, net: Network, x: Value, y: Value, variant: str) -> Case | None:
    """The first run, from an empty state, of a layer between an int8 input and output of a network of one such layer.

    None where the kernel cannot do it.
    """
    graph = parse_model(net.builder.finish(net.inputs, [y]))
    view = next(view for view in graph.views() if view.node.op == op)
    kernel = ops.get_for(view).kernel(variant)
    if kernel.unsupported(view) is not None:
        return None
    given = net.random.integers(-128, 128, x.shape).astype(np.int8)
    with tempfile.TemporaryDirectory() as folder:
        (expected,) = build(compile_model(graph, "model"), Path(folder)).run([given[None]])
    out = expected.reshape(-1).view(np.int8)
    return Case(
        f"{op} {x.shape}", kernel.lower(view), (given.reshape(-1),), out, {}, ops.get_for(view).macs(view), view
    )


def lstm(steps: int, inputs: int, units: int, variant: str) -> Case | None:
    """int8 UNIDIRECTIONAL_SEQUENCE_LSTM."""
    net, hidden = Network(np.random.default_rng(units)), 2.0**-7
    x = net.input((1, steps, inputs))
    operands = lstm_operands(net, x, units, 1, hidden, 0)
    options = {"fused_activation_function": _TANH, "time_major": False, "cell_clip": 0.0}
    y = net.builder.tensor((1, steps, units), hidden, 0, "int8")
    y = net.builder.op("UNIDIRECTIONAL_SEQUENCE_LSTM", operands, [y], version=4, **options)  # type: ignore[arg-type]
    return case("UNIDIRECTIONAL_SEQUENCE_LSTM", net, x, y, variant)


def svdf(inputs: int, units: int, rank: int, memory: int, variant: str) -> Case | None:
    """int8 SVDF with a state of int16."""
    net, filters = Network(np.random.default_rng(units)), units * rank
    x = net.input((1, inputs))
    times = net.random.integers(-(1 << 15), 1 << 15, (filters, memory)).astype(np.int16)
    operands = [
        x,
        net.builder.constant(net.int8((filters, inputs)), 0.01),
        net.builder.constant(times, 2.0**-15),
        net.builder.constant(net.random.integers(-(1 << 12), 1 << 12, units).astype(np.int32), 2.0**-27),
        net.builder.variable((1, memory * filters), 2.0**-12, 0, "int16"),
    ]
    y = net.output((1, units), 0.1)
    y = net.builder.op("SVDF", operands, [y], version=3, rank=rank, fused_activation_function=0)
    return case("SVDF", net, x, y, variant)
