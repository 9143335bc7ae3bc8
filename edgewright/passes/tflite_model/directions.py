"""An LSTM of both directions as two of one: TensorFlow's quantizer takes none of both."""

from __future__ import annotations

from typing import Any

import numpy as np

from edgewright.passes.tflite_model.model import Model

_FORWARD, _BACKWARD = (*range(1, 18), 35, 36), (*range(18, 35), 37, 38)
"""Weights and states of a direction, in the order that UNIDIRECTIONAL_SEQUENCE_LSTM has them in."""

_AUXILIARY = 39
_NORMS = (-1,) * 4
"""What UNIDIRECTIONAL_SEQUENCE_LSTM has behind them: a layer normalization of each gate."""


def split(model: Model, node: Any) -> bool:
    """BIDIRECTIONAL_SEQUENCE_LSTM becomes an LSTM, and one of the sequence back to front, whose answers are turned."""
    if model.kind(node) != "BIDIRECTIONAL_SEQUENCE_LSTM" or any(each != -1 for each in node.inputs[_AUXILIARY:]):
        return False
    sequence, merged = int(node.inputs[0]), bool(node.builtinOptions.mergeOutputs)
    name, shape = model.name(node.outputs[0]), model.shape(sequence)
    steps = model.constant(np.array([0 if node.builtinOptions.timeMajor else 1], np.int32), f"{name}_steps")
    ends = [_end(model, node, places, name) for places in (_FORWARD, _BACKWARD)] if merged else list(node.outputs)
    turned, back = model.like(sequence, shape, f"{name}_turned"), model.like(ends[1], model.shape(ends[1]), f"{name}_b")
    place = model.place(node)
    model.drop(node)
    if merged:
        model.put(place, "CONCATENATION", ends, node.outputs, axis=2)
    model.put(place, "REVERSE_V2", [back, steps], [ends[1]])
    _lstm(model, place, node, [turned, *(node.inputs[each] for each in _BACKWARD)], back)
    model.put(place, "REVERSE_V2", [sequence, steps], [turned])
    _lstm(model, place, node, [sequence, *(node.inputs[each] for each in _FORWARD)], ends[0])
    return True


def _end(model: Model, node: Any, places: tuple[int, ...], name: str) -> int:
    """What a direction answers: as many numbers a step as its output gate's weights have rows."""
    units = model.shape(node.inputs[places[3]])[0]
    return model.like(node.outputs[0], (*model.shape(node.inputs[0])[:2], units), f"{name}_{places[0]}")


def _lstm(model: Model, place: int, node: Any, inputs: list[int], output: int) -> None:
    of = node.builtinOptions
    options = {"fusedActivationFunction": of.fusedActivationFunction, "timeMajor": of.timeMajor}
    options |= {"cellClip": of.cellClip, "projClip": of.projClip}
    model.put(place, "UNIDIRECTIONAL_SEQUENCE_LSTM", [*inputs, *_NORMS], [output], **options)
