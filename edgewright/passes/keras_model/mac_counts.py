"""Multiply-accumulates of one inference of a Keras model, counted from the shapes of its layers' calls."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from typing import Any

from edgewright.errors import UserError

Shape = tuple[int | None, ...]
"""Of a call's first input or output, with the batch."""


def total(model: Any) -> int:
    """Of all calls of all layers; 0 for layers that multiply nothing by weights.

    Raises:
        UserError: the length of a dimension is open, so that the number of multiplications is too.
    """
    return sum(of_call(node.layer, first(node.input_shapes), first(node.output_shapes)) for node in _calls(model))


def of_layers(model: Any, names: Collection[str]) -> int:
    """Of the calls of these layers of `model`."""
    calls = [node for node in _calls(model) if node.layer.name in names]
    return sum(of_call(node.layer, first(node.input_shapes), first(node.output_shapes)) for node in calls)


def of_call(layer: Any, shape_in: Shape, shape_out: Shape) -> int:
    """Of one call of a layer, or of a model, for one example: a kernel's weights count once an output position."""
    if hasattr(layer, "_nodes_by_depth"):
        return total(layer)
    kind = type(layer).__name__
    try:
        return int(_COUNTS[kind](layer, shape_in, shape_out)) if kind in _COUNTS else 0
    except TypeError as error:
        if None not in (*shape_in[1:], *shape_out[1:]):
            raise
        problem, allowed = "its multiplications cannot be counted, a length is open", "fixed lengths"
        hint = "give the model's input its whole shape"
        got = f"{shape_in} to {shape_out}"
        raise UserError(f"layer {layer.name}", problem, got=got, allowed=allowed, hint=hint) from error


def first(shapes: Any) -> Shape:
    """The shape of the first of several tensors, however they are held."""
    while isinstance(shapes, dict | list) or (isinstance(shapes, tuple) and shapes and _is_nested(shapes[0])):
        shapes = next(iter(shapes.values() if isinstance(shapes, dict) else shapes))
    return tuple(shapes)


def _is_nested(value: Any) -> bool:
    return value is not None and not isinstance(value, int)


def _calls(model: Any) -> Iterator[Any]:
    """What the model computes, call by call: a layer that is called twice comes twice."""
    return (node for nodes in model._nodes_by_depth.values() for node in nodes)


def _size(*variables: Any) -> int:
    return sum(int(variable.shape.num_elements()) for variable in variables)


def _positions(shape: Shape, data_format: str = "channels_last") -> int:
    """Places in a feature map [N, ..., channels]."""
    places: Any = shape[1:-1] if data_format == "channels_last" else shape[2:]
    return math.prod(places)


def _convolution(layer: Any, _: Shape, out: Shape) -> int:
    return _size(layer.kernel) * _positions(out, layer.data_format)


def _transposed(layer: Any, come: Shape, _: Shape) -> int:
    return _size(layer.kernel) * _positions(come, layer.data_format)


def _separable(layer: Any, _: Shape, out: Shape) -> int:
    return _size(layer.depthwise_kernel, layer.pointwise_kernel) * _positions(out, layer.data_format)


def _depthwise(layer: Any, _: Shape, out: Shape) -> int:
    return _size(layer.depthwise_kernel) * _positions(out, layer.data_format)


def _dense(layer: Any, _: Shape, out: Shape) -> int:
    return _size(layer.kernel) * _positions(out)


def _recurrent(layer: Any, come: Shape, _: Shape) -> int:
    """Each step [N, steps, ...] multiplies the input and the state, in each cell."""
    cells = getattr(layer.cell, "cells", [layer.cell])
    known = [cell for cell in cells if hasattr(cell, "recurrent_kernel")]
    return _steps(come) * sum(_size(cell.kernel, cell.recurrent_kernel) for cell in known)


def _both_ways(layer: Any, come: Shape, out: Shape) -> int:
    return of_call(layer.forward_layer, come, out) + of_call(layer.backward_layer, come, out)


def _each_step(layer: Any, come: Shape, out: Shape) -> int:
    return _steps(come) * of_call(layer.layer, (come[0], *come[2:]), (out[0], *out[2:]))


def _steps(shape: Shape) -> int:
    steps: Any = shape[1]
    return int(steps)


_COUNTS: dict[str, Any] = {
    **dict.fromkeys(("Conv1D", "Conv2D", "Conv3D"), _convolution),
    **dict.fromkeys(("Conv1DTranspose", "Conv2DTranspose"), _transposed),
    **dict.fromkeys(("SeparableConv1D", "SeparableConv2D"), _separable),
    **dict.fromkeys(("DepthwiseConv1D", "DepthwiseConv2D"), _depthwise),
    "Dense": _dense,
    **dict.fromkeys(("LSTM", "GRU", "SimpleRNN", "RNN"), _recurrent),
    "Bidirectional": _both_ways,
    "TimeDistributed": _each_step,
}
