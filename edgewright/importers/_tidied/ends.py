"""Inputs and outputs that the converter moves at once are given and taken as they are moved."""

from __future__ import annotations

from edgewright.passes.tflite_model.model import Model
from edgewright.passes.tflite_model.moves import order, reshape

Turns = dict[int, tuple[int, ...]]
"""By the place of an input or output the order of its former axes that makes it."""


def free_inputs(model: Model) -> Turns:
    """TRANSPOSE of an input that nobody else reads is left to whoever gives it; its batch of one stays in front."""
    found: Turns = {}
    for place, tensor in enumerate(list(model.graph.inputs)):
        node = model.only_reader(tensor)
        axes = order(model, node)
        if axes is None or model.shape(tensor)[0] != 1:
            continue
        found[place] = (0, *(axis for axis in axes if axis))
        model.turn(tensor, found[place])
        reshape(model, node, tensor, model.shape(node.outputs[0]))
    return found


def free_outputs(model: Model) -> Turns:
    """TRANSPOSE to channels first, for an output alone, is left to whoever takes it."""
    found: Turns = {}
    for place, tensor in enumerate(list(model.graph.outputs)):
        node = model.maker(tensor)
        axes = order(model, node)
        rank = len(model.shape(tensor))
        if axes != (0, rank - 1, *range(1, rank - 1)) or model.readers(tensor) or node.inputs[0] in model.graph.inputs:
            continue
        if model.only_reader(node.inputs[0]) is not node:
            continue
        found[place] = (0, *range(2, rank), 1)
        source = node.inputs[0]
        model.drop(node)
        model.swap_end(tensor, source, "outputs")
    return found
