"""Operators in the form that TensorFlow's quantizer takes: the float runtimes take others too."""

from __future__ import annotations

from typing import Any

from edgewright.importers._tidied.model import Model

_GATES = 5
"""Of an LSTM: four gates before their activations, and the hidden state; the calibrator measures them."""


def slopes(model: Model, node: Any) -> bool:
    """The slopes of a PRELU have no batch."""
    if model.kind(node) != "PRELU":
        return False
    values = model.values(node.inputs[1])
    if values is None or values.ndim != len(model.shape(node.inputs[0])) or values.shape[0] != 1:
        return False
    node.inputs = [node.inputs[0], model.constant(values[0], model.name(node.inputs[1]))]
    return True


def gates(model: Model, node: Any) -> bool:
    """An LSTM names tensors for what is inside it."""
    if model.kind(node) != "UNIDIRECTIONAL_SEQUENCE_LSTM" or len(_listed(node.intermediates)) == _GATES:
        return False
    output = node.outputs[0]
    node.intermediates = [model.like(output, (0,), f"{model.name(output)}_gate_{gate}") for gate in range(_GATES)]
    return True


def _listed(values: Any) -> list[int]:
    return [] if values is None else list(values)
