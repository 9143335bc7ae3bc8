"""What operators with constant weights ask of these, and of biases."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from edgewright.kernels.quant import MAX_FACTOR
from edgewright.kernels.weighted import channel_scales
from edgewright.ops.families import checks
from edgewright.tflite.graph import Tensor, View


def check_weights(view: View, count: int, axis: int) -> Iterator[str]:
    """What an int8 operator asks of weights and bias: as `check_kernel`, and a bias of int32.

    Args:
        view: node with inputs (input, weights, bias or none).
        count: output channels.
        axis: dimension of the weights that they count along.
    """
    faults = list(check_kernel(view, count, axis))
    yield from faults
    if not faults and np.any(channel_scales(view, count) >= MAX_FACTOR):
        yield "the output's scale is too small for the scales of input and weights"
    bias = view.optional_input(2)
    if bias is not None:
        yield from check_bias(bias, count, "int32")


def check_kernel(view: View, count: int, axis: int) -> Iterator[str]:
    """Weights are constant int8 with zero points of 0, and one scale or one for each channel."""
    weights = view.input(1)
    yield from checks.dtype(weights, "weights", "int8")
    yield from checks.constant(weights, "weights")
    if weights.quantization is None:
        yield "weights have no quantization"
    elif weights.quantization.per_channel and (weights.quantization.axis, weights.quantization.scales.size) != (
        axis,
        count,
    ):
        yield f"weights are quantized along dimension {weights.quantization.axis}, supported: {axis}"
    elif np.any(weights.quantization.zero_points != 0):
        yield "weights have a zero point other than 0"


def check_bias(bias: Tensor, count: int, *dtypes: str) -> Iterator[str]:
    """The bias is constant, of one of these types, with one value for each channel."""
    yield from checks.dtype(bias, "bias", *dtypes)
    yield from checks.constant(bias, "bias")
    if bias.elements != count:
        yield f"bias has {bias.elements} elements for {count} channels"
