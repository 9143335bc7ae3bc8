"""Hybrid CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED and TRANSPOSE_CONV: float32 data, int8 weights.

Each image, or each row of FULLY_CONNECTED, is quantized as it comes, with a scale of its own. TensorFlow Lite Micro
refuses such layers; the numbers, and the order in which they are multiplied, are those of LiteRT's reference kernels.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels.call import Argument, Call, Const, Input, Output, Scratch
from edgewright.kernels.constant import constant_data
from edgewright.kernels.overlap import NEVER
from edgewright.kernels.quant import quantization
from edgewright.kernels.window import Window, read_window
from edgewright.ops.base import Op
from edgewright.ops.families import checks, shape_checks, weight_checks
from edgewright.ops.families.float32 import clamp_of
from edgewright.ops.families.weighted_float32 import (
    Conv2DFloat,
    DepthwiseConv2DFloat,
    FullyConnectedFloat,
    TransposeConvFloat,
)
from edgewright.ops.transpose_conv import as_convolution, fields
from edgewright.tflite.graph import View

_FACTOR, _FACTOR_BYTES = "ew_hybrid_factor", 8
_IN, _OUT = Input("input", ctype="float"), Output("output", ctype="float")


def quantized(batches: int, count: int, asymmetric: bool, source: Input = _IN) -> tuple[Call, Scratch, Scratch]:
    """The call that quantizes the input, and where values and factors are then."""
    factors = Scratch("factors", batches * _FACTOR_BYTES, _FACTOR)
    values = Scratch("values", batches * count, offset=batches * _FACTOR_BYTES)
    shape = (("batches", batches), ("count", count), ("asymmetric", int(asymmetric)))
    return Call("hybrid_quantize_ref", "ew_hybrid_quantize_shape", shape, (source, values, factors)), values, factors


def check_hybrid(view: View, count: int, axis: int) -> Iterator[str]:
    """Input and output are float32, weights int8, the bias float32.

    Args:
        view: node with inputs (input, weights, bias or none).
        count: output channels.
        axis: dimension of the weights that they count along.
    """
    yield from checks.dtype(view.input(0), "input", "float32")
    yield from checks.dtype(view.output(), "output", "float32")
    yield from weight_checks.check_kernel(view, count, axis)
    bias = view.optional_input(2)
    if bias is not None:
        yield from weight_checks.check_bias(bias, count, "float32")


def call(
    view: View, of: Window, batches: int, groups: int, weights: NDArray[np.int8], *, asymmetric: bool, by_channels: bool
) -> tuple[Call, ...]:
    """Quantize the input, then convolve.

    Args:
        view: the node.
        of: its window.
        batches: images, each with a factor of its own.
        groups: as of a convolution.
        weights: rows (channels, taps).
        asymmetric: how the input is quantized.
        by_channels: whether sums are multiplied by the channel's scale first.
    """
    first, values, factors = quantized(batches, of.in_h * of.in_w * of.in_c, asymmetric)
    shape = (("batches", batches), *of.fields, ("out_c", len(weights)), ("groups", groups))
    arguments = (values, factors, _OUT, *_constants(view, weights))
    shape = (*shape, ("by_channels", int(by_channels)))
    return first, Call("conv_2d_hybrid_ref", "ew_conv_2d_hybrid_shape", shape, arguments)


def _constants(view: View, weights: NDArray[np.int8]) -> tuple[Argument, ...]:
    """Arguments behind the output, for rows of weights and a node with inputs (input, weights, bias or none)."""
    bias = view.optional_input(2)
    raw = np.zeros(len(weights), np.float32) if bias is None else constant_data(bias).reshape(-1)
    scales = np.broadcast_to(quantization(view.input(1)).scales, (len(weights),)).astype(np.float32)
    return (
        Const("weights", np.ascontiguousarray(weights).reshape(-1), "weights"),
        Const("scale", scales, "scales of the weights", "float"),
        Const("bias", raw, "biases", "float"),
        *clamp_of(view),
    )


class Hybrid(Op):
    """What the four have in common."""

    dtypes = ("hybrid",)
    oracle = "LiteRT"

    def overlap(self, view: View, variant: str) -> Mapping[int, int]:
        """The input is read whole before the output is written."""
        return {0: -NEVER}

    def kernel_stem(self, view: View) -> str:
        return "conv_2d_hybrid"


class Conv2DHybrid(Hybrid, Conv2DFloat):
    """Dilated, strided. With scales per channel the input is quantized asymmetrically, else symmetrically."""

    def check(self, view: View) -> Iterator[str]:
        yield from list(shape_checks.weighted_images(view)) or self._deeper(view)

    def _deeper(self, view: View) -> Iterator[str]:
        yield from check_hybrid(view, view.input(1).shape[0], 0)
        yield from shape_checks.convolution(view)
        if view.input(0).shape[3] != view.input(1).shape[3]:
            yield "a hybrid convolution has no groups"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        weights = constant_data(view.input(1)).astype(np.int8)
        per_channel = quantization(view.input(1)).per_channel
        of, rows = read_window(view, *weights.shape[1:3]), weights.reshape(len(weights), -1)
        return call(view, of, view.input(0).shape[0], 1, rows, asymmetric=per_channel, by_channels=per_channel)


class DepthwiseConv2DHybrid(Hybrid, DepthwiseConv2DFloat):
    """Any multiplier; scales per channel."""

    def check(self, view: View) -> Iterator[str]:
        yield from list(shape_checks.weighted_images(view)) or self._deeper(view)

    def _deeper(self, view: View) -> Iterator[str]:
        channels = view.input(1).shape[3]
        yield from check_hybrid(view, channels, 3)
        yield from shape_checks.depthwise(view)
        given = view.input(1).quantization
        if given is not None and given.scales.size != channels:
            yield "weights of a hybrid depthwise convolution have a scale for each channel"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        weights = constant_data(view.input(1)).astype(np.int8)
        of, rows = read_window(view, *weights.shape[1:3]), weights.reshape(-1, weights.shape[3]).T
        batches, channels = view.input(0).shape[0], view.input(0).shape[3]
        return call(view, of, batches, channels, rows, asymmetric=True, by_channels=False)


class FullyConnectedHybrid(Hybrid, FullyConnectedFloat):
    """Rows of the input's last dimension, quantized as asymmetric_quantize_inputs says."""

    def check(self, view: View) -> Iterator[str]:
        faults = [*checks.rank(view.input(1), "weights", 2), *checks.not_empty(view)]
        yield from faults or self._deeper(view)

    def _deeper(self, view: View) -> Iterator[str]:
        yield from check_hybrid(view, view.input(1).shape[0], 0)
        yield from shape_checks.fully_connected(view)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        weights = constant_data(view.input(1)).astype(np.int8)
        of, rows = Window(1, 1, weights.shape[1], 1, 1, 1, 1), view.output().elements // len(weights)
        asymmetric = bool(view.option("asymmetric_quantize_inputs", False))
        return call(view, of, rows, 1, weights, asymmetric=asymmetric, by_channels=False)


class TransposeConvHybrid(Hybrid, TransposeConvFloat):
    """Strided."""

    def check(self, view: View) -> Iterator[str]:
        yield from list(shape_checks.transposed_images(view)) or self._deeper(view)

    def _deeper(self, view: View) -> Iterator[str]:
        yield from check_hybrid(as_convolution(view), view.input(1).shape[0], 0)
        yield from shape_checks.transposed(view)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        source = view.input(2)
        batches = source.shape[0]
        of_input = Input("input", 2, "float")
        first, values, factors = quantized(batches, source.elements // batches, True, of_input)
        weights = constant_data(view.input(1)).astype(np.int8)
        constants = _constants(as_convolution(view), weights.reshape(len(weights), -1))
        arguments = (values, factors, _OUT, *constants)
        return first, Call("transpose_conv_hybrid_ref", "ew_transpose_conv_f32_shape", fields(view), arguments)

    def overlap(self, view: View, variant: str) -> Mapping[int, int]:
        return {2: -NEVER}

    def kernel_stem(self, view: View) -> str:
        return "transpose_conv_hybrid"


OPS: tuple[Op, ...] = (Conv2DHybrid(), DepthwiseConv2DHybrid(), FullyConnectedHybrid(), TransposeConvHybrid())
