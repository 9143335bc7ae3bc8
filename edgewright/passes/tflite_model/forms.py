"""Operators in the form that TensorFlow's quantizer takes: the float runtimes take others too."""

from __future__ import annotations

from typing import Any

import numpy as np
from tflite.ActivationFunctionType import ActivationFunctionType as Activation

from edgewright.passes.tflite_model.model import Model

_LOWEST = -1e30
_FROM_ZERO = ("RELU", "RELU6", "RELU_0_TO_1", "LOGISTIC", "SOFTMAX", "ABS", "SQUARE")
_FUSED = (Activation.RELU, Activation.RELU6)
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


def fill(model: Model, node: Any) -> bool:
    """What a PADV2 pads with is a scalar."""
    if model.kind(node) != "PADV2":
        return False
    values = model.values(node.inputs[2])
    if values is None or values.shape != (1,):
        return False
    node.inputs = [*node.inputs[:2], model.constant(values.reshape(()), model.name(node.inputs[2]))]
    return True


def edges(model: Model, node: Any) -> bool:
    """A maximum over numbers from 0 on is padded with 0, and not with the least of all floats, which no int8 has."""
    if model.kind(node) != "PADV2" or node.outputs[0] in model.graph.outputs:
        return False
    values = model.values(node.inputs[2])
    if values is None or values.size != 1 or values.item() > _LOWEST or not _is_from_zero(model, node.inputs[0]):
        return False
    if any(model.kind(reader) != "MAX_POOL_2D" for reader in model.readers(node.outputs[0])):
        return False
    model.become(node, "PAD", node.inputs[:2])
    return True


def unit(model: Model, node: Any) -> bool:
    """min(max(x, 0), 1), which hard sigmoids end in, as two operators that every runtime has in int8."""
    if model.kind(node) != "RELU_0_TO_1":
        return False
    output = node.outputs[0]
    name = model.name(output)
    positive = model.like(output, model.shape(output), f"{name}_positive")
    model.put(model.place(node), "RELU", node.inputs, [positive])
    model.become(node, "MINIMUM", [positive, model.constant(np.ones((), np.float32), f"{name}_one")])
    return True


def lengths(model: Model, node: Any) -> bool:
    """A SLICE says how much it takes of each axis: the quantizer makes -1, which is all that is left, a length of 1."""
    if model.kind(node) != "SLICE":
        return False
    values = model.values(node.inputs[2])
    if values is None or not (values < 0).any():
        return False
    whole = np.array(model.shape(node.outputs[0]), values.dtype)
    node.inputs = [*node.inputs[:2], model.constant(whole, f"{model.name(node.inputs[2])}_whole")]
    return True


def _is_from_zero(model: Model, tensor: int) -> bool:
    """Whether what makes a tensor makes nothing below 0."""
    maker = model.maker(tensor)
    if maker is None:
        return False
    return model.kind(maker) in _FROM_ZERO or getattr(maker.builtinOptions, "fusedActivationFunction", 0) in _FUSED


def gates(model: Model, node: Any) -> bool:
    """An LSTM names tensors for what is inside it."""
    if model.kind(node) != "UNIDIRECTIONAL_SEQUENCE_LSTM" or len(_listed(node.intermediates)) == _GATES:
        return False
    output = node.outputs[0]
    node.intermediates = [model.like(output, (0,), f"{model.name(output)}_gate_{gate}") for gate in range(_GATES)]
    return True


def _listed(values: Any) -> list[int]:
    return [] if values is None else list(values)
