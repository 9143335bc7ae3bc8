"""What CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED have in common: per-channel factors and folded biases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels.call import Const, Scalar
from edgewright.kernels.constant import constant_data
from edgewright.kernels.quant import (
    activation_range,
    channel_multipliers,
    quantization,
    scale,
    short_requant,
    wrap32,
    zero_point,
)
from edgewright.tflite.graph import View


@dataclass(frozen=True, eq=False)
class Channels:
    """What a weighted operator needs of each output channel.

    Attributes:
        weights: int8, rows of (channels, depth).
        bias: int32 (channels,): bias - input zero point * sum of the channel's weights, modulo 2^32.
        multiplier, shift: int32 and int8 (channels,) factors; shift > 0 is to the right.
        bounds: int64 (channels,): no partial sum of a channel is larger in magnitude.
    """

    weights: NDArray[np.int8]
    bias: NDArray[np.int32]
    multiplier: NDArray[np.int32]
    shift: NDArray[np.int8]
    bounds: NDArray[np.int64]

    @property
    def short_requant(self) -> bool:
        """Whether the short requantisation is exact for all channels."""
        return short_requant(self.bounds, self.shift)


def channels(view: View, weights: NDArray[np.int8], reals: NDArray[np.float64]) -> Channels:
    """Fold the input's offset into the bias.

    Args:
        view: node with inputs (input, weights, bias or none).
        weights: int8 (channels, depth).
        reals: float64 (channels,), accumulator scale / output scale.
    """
    wide = weights.astype(np.int64)
    bias = view.optional_input(2)
    raw = np.zeros(len(weights), np.int64) if bias is None else constant_data(bias).astype(np.int64).reshape(-1)
    folded = np.array([wrap32(int(b)) for b in raw - zero_point(view.input(0)) * wide.sum(axis=1)], np.int32)
    multiplier, shift = channel_multipliers(reals)
    bounds = np.abs(folded.astype(np.int64)) + 128 * np.abs(wide).sum(axis=1)
    return Channels(weights, folded, multiplier, shift, bounds)


def channel_scales(view: View, count: int) -> NDArray[np.float64]:
    """Input scale * weight scale / output scale of each channel, in double as TensorFlow Lite Micro does it."""
    weight_scales = np.broadcast_to(quantization(view.input(1)).scales.astype(np.float64), (count,))
    return scale(view.input(0)) * weight_scales / scale(view.output())


def constants(of: Channels, weights: NDArray[np.int8]) -> tuple[Const, ...]:
    """Arguments for weights (in the kernel's layout), biases, multipliers and shifts."""
    return (
        Const("weights", weights.reshape(-1), "weights"),
        Const("bias", of.bias, "bias - input zero point * sum of weights", "int32_t"),
        Const("multiplier", of.multiplier, "multipliers", "int32_t"),
        Const("shift", of.shift, "right shifts"),
    )


def first(of: Const) -> Const:
    """The same argument with the first element alone: where all channels have the same."""
    return Const(of.name, None if of.data is None else of.data[:1], of.note, of.ctype)


def output_scalars(view: View) -> tuple[Scalar, ...]:
    """Arguments for the output's zero point and clamp."""
    low, high = activation_range(view.option("fused_activation_function", 0), view.output())
    return (Scalar("out_zp", zero_point(view.output())), Scalar("act_min", low), Scalar("act_max", high))
