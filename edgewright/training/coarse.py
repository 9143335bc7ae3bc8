"""Scales and biases of few bits, for layers whose weights are small integers (`grid`): codes of a third of the bytes.

What a kernel needs of a channel is the factor input scale * weight scale / output scale, and the bias with the input's
zero point folded in. Both become coarse in the .tflite file itself, so that every runtime computes the same.

The factor, exactly: scales of activations are rounded to SCALE_BITS, and a weight scale to FACTOR_BITS times the output
scale. So factors of a layer are the input scale, without its power of two, times numbers of FACTOR_BITS. The weights
stay: of integers times a scale the scale is what is rounded. The bias grows or shrinks with the weights, so that a
channel gets another gain and no offset: where batch normalisation was folded, weights and bias are large beside what is
left of both, and a change of one of them would be, too. It is rounded to multiples of a power of two that is 2^-FINE of
a step of the output, or up to half of that.

edgewright/coding/_channels.py codes what is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright.tflite.graph import Graph, Tensor, View
from edgewright.tflite.reader import parse_model
from edgewright.training.grid import FINEST, Constant, layers

SCALE_BITS = 9
"""Of the scales of activations: they change by 2^-9 at most."""

FACTOR_BITS = 5
"""Of factors: 16 in an octave, so that gains change by a thirty-second at most."""

FINE = 1
"""Biases are off by a quarter of a step of the output at most."""


def coarse(model: bytes) -> tuple[bytes, int]:
    """The model with coarse scales and biases, and in how many layers; 0 and the same bytes where there is none.

    Scales of the model's inputs stay. A model with biases in operators other than convolutions and dense layers stays
    as it is: their scales hang on those of activations.

    Args:
        model: a full-integer int8 .tflite file, its weights on their grids.
    """
    file = bytearray(model)
    found = [layer for layer in layers(file) if _is_able(*layer)]
    on_grid = [layer for layer in found if _has_few_steps(layer[1])]
    if not on_grid or set(_biases(parse_model(file))) - {view.node.inputs[2] for view, _, bias in found if bias}:
        return model, 0
    old = [_scale(view.input(0)) for view, _, _ in found]
    _round_activations(parse_model(file))
    few = {view.node.index for view, _, _ in on_grid}
    for (view, weights, bias), before in zip(found, old, strict=True):
        if view.node.index in few:
            weights.scales[:] = _rounded(
                weights.scales.astype(np.float64) / _scale(view.output()), FACTOR_BITS
            ) * _scale(view.output())
        if bias is not None:
            ratio = before / _scale(view.input(0))
            _renew(view, weights, bias, bias.values[:, 0] * ratio, is_coarse=view.node.index in few)
    return bytes(file), len(on_grid)


def _is_able(view: View, _: Constant, bias: Constant | None) -> bool:
    """Whether its activations are int8, and each channel has a scale of its own."""
    return view.input(0).dtype == view.output().dtype == "int8" and (bias is None or bias.values.shape[1] == 1)


def _has_few_steps(weights: Constant) -> bool:
    """Whether most channels are on a grid; those that are zero say nothing."""
    largest = np.abs(weights.values.astype(np.int64)).max(axis=1)
    used = largest[largest > 0]
    return len(used) > 0 and 2 * np.count_nonzero(used <= FINEST) > len(used)


def _biases(graph: Graph) -> Iterator[int]:
    """Constants whose scales are products of others."""
    for node in graph.nodes:
        for number in node.inputs:
            tensor = graph.tensors.get(number)
            if tensor is not None and tensor.data is not None and tensor.dtype == "int32" and tensor.quantization:
                yield number


def _round_activations(graph: Graph) -> None:
    kept = {_scale(graph.tensors[number]) for number in graph.inputs if graph.tensors[number].quantization}
    for tensor in graph.tensors.values():
        if tensor.dtype == "int8" and tensor.data is None and tensor.quantization and _scale(tensor) not in kept:
            scales = tensor.quantization.scales
            scales[:] = _rounded(scales.astype(np.float64), SCALE_BITS)


def _scale(tensor: Tensor) -> float:
    if tensor.quantization is None:
        raise ValueError(f"tensor {tensor.name} of an int8 model has no scale")
    return tensor.quantization.scale


def _rounded(values: Any, bits: int) -> Any:
    """The nearest numbers of so many bits."""
    fraction, exponent = np.frexp(values)
    return np.ldexp(np.rint(np.ldexp(fraction, bits)), exponent - bits)


def _renew(view: View, weights: Constant, bias: Constant, numbers: NDArray[Any], *, is_coarse: bool) -> None:
    """Biases, in units of the scales as they are now."""
    scales = _scale(view.input(0)) * weights.scales.astype(np.float64)
    if is_coarse:
        quantization = view.input(0).quantization
        zero = 0 if quantization is None else quantization.zero_point
        offset = zero * weights.values.astype(np.int64).sum(axis=1)
        shift = -np.frexp(scales / _scale(view.output()))[1]
        step = np.ldexp(1.0, np.maximum(shift - FINE, 0))
        numbers = np.rint((numbers - offset) / step) * step + offset
    bias.values[:, 0] = np.rint(numbers).astype(np.int64)
    bias.scales[:] = scales.astype(np.float32)
