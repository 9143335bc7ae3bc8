"""Sounds for tests of front ends: made by hand, and real speech where it is there."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright.preprocessing import Plan, log_mel
from edgewright.tflite.graph import Graph, Tensor
from testbench.differential.builder import ModelBuilder, Value

RATE = 8000
SMALL = {"rate": RATE, "window_ms": 8, "step_ms": 4, "bands": 8, "low_hz": 100}
"""A front end of frames of 64 samples."""


def small(kind: ModuleType = log_mel, **changed: Any) -> Plan:
    """That front end, or another."""
    plan: Plan = kind.plan(kind.OPTIONS.model_validate({**SMALL, **changed}), (RATE,))
    return plan


def graph_of(plan: Plan) -> Graph:
    """Its operators."""
    if plan.graph is None:
        raise TypeError("it has none")
    return plan.graph


def made(count: int, samples: int) -> NDArray[np.int16]:
    """Tones that rise through noise, [count, samples]: loud, quiet, silent and clipped ones."""
    random, time = np.random.default_rng(7), np.arange(samples) / RATE
    tones = [np.sin(2 * np.pi * (200 + 300 * i + 900 * time) * time) for i in range(count)]
    loud = np.array([0.9, 0.01, 0.0, 3.0])[np.arange(count) % 4, np.newaxis]
    sounds = np.stack(tones) * loud + random.normal(0, 0.002, (count, samples)) * (loud > 0)
    return np.clip(np.round(sounds * 32768), -32768, 32767).astype(np.int16)


def as_file(graph: Graph) -> bytes:
    """A graph of a front end as a .tflite file, without the states that its file does not name."""
    net, values = ModelBuilder(), {}
    for tensor in graph.tensors.values():
        values[tensor.id] = _value(net, tensor)
    for node in graph.nodes:
        inputs = [values[number] for number in node.inputs if not graph.tensors[number].is_variable]
        options = {**node.options, "T": 7} if node.op == "SIGNAL_RFFT" else dict(node.options)
        if node.op == "RESHAPE":
            options = {"new_shape": list(graph.tensors[node.outputs[0]].shape)}
        net.op(node.op, inputs, [values[number] for number in node.outputs], **options)
    return net.finish(*([values[number] for number in ends] for ends in (graph.inputs, graph.outputs)))


def _value(net: ModelBuilder, tensor: Tensor) -> Value:
    return net.constant(tensor.data) if tensor.data is not None else net.tensor(tensor.shape, dtype=tensor.dtype)


RECORDINGS = Path("../shared/data/fsdd/recordings.zip")
"""Real speech, beside the project."""
