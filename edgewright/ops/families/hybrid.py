"""Hybrid CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED and TRANSPOSE_CONV: float32 data, int8 weights.

Each image, or each row of FULLY_CONNECTED, is quantized as it comes, with a scale of its own. TensorFlow Lite Micro
refuses such layers; the numbers, and the order in which they are multiplied, are those of LiteRT's reference kernels.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels.call import Argument, Call, Const, Input, Scratch
from edgewright.kernels.constant import constant_data
from edgewright.kernels.overlap import NEVER
from edgewright.kernels.quant import quantization, zero_point
from edgewright.kernels.window import Window
from edgewright.ops.base import Op
from edgewright.ops.families import checks, weight_checks
from edgewright.ops.families.float32 import IN, OUT, clamp_of
from edgewright.tflite.graph import View

_FACTOR, _FACTOR_BYTES = "ew_hybrid_factor", 8


def quantized(batches: int, count: int, asymmetric: bool, source: Input = IN) -> tuple[Call, Scratch, Scratch]:
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


def check_recurrent(
    view: View, floats: Sequence[int], weights: Sequence[int], constants: Sequence[int]
) -> Iterator[str]:
    """Data and `constants` are float32, weights constant int8 with one scale and a zero point of 0."""
    yield from checks.not_empty(view)
    for i in (*floats, *constants):
        yield from checks.dtype(view.input(i), f"input {i}", "float32")
    yield from checks.dtype(view.output(), "output", "float32")
    for i in (*weights, *constants):
        yield from checks.constant(view.input(i), f"input {i}")
    for i in weights:
        faults = [*checks.int8(view.input(i), f"input {i}")]
        yield from faults or ([f"input {i} has a zero point other than 0"] if zero_point(view.input(i)) else [])


def asymmetric(view: View) -> int:
    """How the input is quantized: 1 where `asymmetric_quantize_inputs` is set."""
    return int(bool(view.option("asymmetric_quantize_inputs", False)))


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
    arguments = (values, factors, OUT, *constants_of(view, weights))
    shape = (*shape, ("by_channels", int(by_channels)))
    return first, Call("conv_2d_hybrid_ref", "ew_conv_2d_hybrid_shape", shape, arguments)


def constants_of(view: View, weights: NDArray[np.int8]) -> tuple[Argument, ...]:
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
    files: tuple[str, ...] = ("hybrid_quantize_ref", "conv_2d_hybrid_ref")

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        """The input is read whole before the output is written."""
        return {0: -NEVER}
