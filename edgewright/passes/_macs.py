"""Multiply-accumulates of one inference of a Keras model, counted from the shapes of its layers."""

from __future__ import annotations

import math
from typing import Any


def total(model: Any) -> int:
    """Of all layers; 0 for layers that multiply nothing by weights."""
    return sum(of_layer(layer) for layer in model._flatten_layers(include_self=False, recursive=True))


def of_layer(layer: Any) -> int:
    """Multiply-accumulates of one layer for one example: every weight of a kernel counts once an output position."""
    kind = type(layer).__name__
    count = _COUNTS.get(kind)
    return int(count(layer)) if count else 0


def _positions(shape: Any, data_format: str = "channels_last") -> int:
    """Places in a feature map [N, ..., channels]."""
    places: tuple[int, ...] = shape[1:-1] if data_format == "channels_last" else shape[2:]
    return math.prod(places)


def _convolution(layer: Any) -> int:
    return int(layer.kernel.shape.num_elements()) * _positions(layer.output_shape, layer.data_format)


def _transposed(layer: Any) -> int:
    return int(layer.kernel.shape.num_elements()) * _positions(layer.input_shape, layer.data_format)


def _separable(layer: Any) -> int:
    places = _positions(layer.output_shape, layer.data_format)
    weights = int(layer.depthwise_kernel.shape.num_elements()) + int(layer.pointwise_kernel.shape.num_elements())
    return places * weights


def _depthwise(layer: Any) -> int:
    return int(layer.depthwise_kernel.shape.num_elements()) * _positions(layer.output_shape, layer.data_format)


def _dense(layer: Any) -> int:
    return int(layer.kernel.shape.num_elements()) * _positions(layer.output_shape)


_COUNTS: dict[str, Any] = {
    **dict.fromkeys(("Conv1D", "Conv2D", "Conv3D"), _convolution),
    **dict.fromkeys(("Conv1DTranspose", "Conv2DTranspose"), _transposed),
    **dict.fromkeys(("SeparableConv1D", "SeparableConv2D"), _separable),
    **dict.fromkeys(("DepthwiseConv1D", "DepthwiseConv2D"), _depthwise),
    "Dense": _dense,
}
