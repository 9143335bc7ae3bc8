"""int16 CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED and TRANSPOSE_CONV with int8 weights."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels import weighted
from edgewright.kernels.call import Argument, Call, Const
from edgewright.kernels.constant import constant_data
from edgewright.kernels.dsp_wide import WideChannels
from edgewright.kernels.quant import MAX_FACTOR, channel_multipliers
from edgewright.kernels.wide import MAX_BIAS, MAX_FACTOR_WIDE, wide_factors
from edgewright.kernels.window import Window
from edgewright.ops.base import Op
from edgewright.ops.families import weight_checks
from edgewright.ops.families.int16 import IN, OUT, act_scalars
from edgewright.tflite.graph import View


class WeightedInt16(Op):
    """Inputs (input, weights, bias or none); one kernel for three operators."""

    dtypes = ("int16",)
    axis = 0
    """Dimension of the weights that output channels count along."""
    files = ("conv_2d_s16_ref",)

    bias_types: tuple[str, ...] = ("int64",)

    def check_numbers(self, view: View) -> Iterator[str]:
        """int8 weights, bias and scales, for `view` with inputs in the order above."""
        weights, bias = view.input(1), view.optional_input(2)
        count = weights.shape[self.axis]
        yield from weight_checks.check_kernel(view, count, self.axis)
        if bias is not None:
            yield from weight_checks.check_bias(bias, count, *self.bias_types)
        if weights.quantization is None or weights.quantization.scales.size not in (1, count):
            return
        factors, limit = self.reals(view, count), MAX_FACTOR_WIDE if self.is_wide(view) else MAX_FACTOR
        if np.any(factors >= limit):
            yield "the output's scale is too small for the scales of input and weights"
        if bias is not None and bias.data is not None and bias.dtype == "int64":
            data = bias.data.astype(np.int64)
            if np.any((data <= -MAX_BIAS) | (data >= MAX_BIAS)):
                yield "a bias is 2^46 or more"

    def is_wide(self, view: View) -> bool:
        """Whether TensorFlow Lite Micro sums in 64 bits."""
        bias = view.optional_input(2)
        return bias is None or bias.dtype == "int64"

    def reals(self, view: View, count: int) -> NDArray[np.float64]:
        """Accumulator scale / output scale of each channel."""
        return weighted.channel_scales(view, count)

    def constants(self, view: View, weights: NDArray[np.int8]) -> tuple[Argument, ...]:
        """Arguments behind input and output, for weights (channels, taps)."""
        reals = self.reals(view, len(weights))
        multiplier, shift = wide_factors(reals) if self.is_wide(view) else channel_multipliers(reals)
        return (
            Const("weights", np.ascontiguousarray(weights).reshape(-1), "weights"),
            Const("bias", self.biases(view, len(weights)), "biases", "int64_t"),
            Const("multiplier", multiplier, "multipliers", "int32_t"),
            Const("shift", shift, "right shifts"),
            *act_scalars(view),
        )

    def wide_channels(self, view: View, weights: NDArray[np.int8]) -> WideChannels:
        """What kernels for sums of 32 bits take, for weights (channels, taps)."""
        return WideChannels(weights, self.biases(view, len(weights)), self.reals(view, len(weights)))

    def biases(self, view: View, count: int) -> NDArray[np.int64]:
        """Of each channel; zeros where there are none."""
        bias = view.optional_input(2)
        return np.zeros(count, np.int64) if bias is None else constant_data(bias).astype(np.int64).reshape(-1)

    def call(self, view: View, of: Window, groups: int, weights: NDArray[np.int8], batches: int) -> Call:
        """The call of the shared kernel."""
        shape = (("batches", batches), *of.fields, ("out_c", len(weights)), ("groups", groups))
        shape = (*shape, ("wide", int(self.is_wide(view))))
        arguments = (IN, OUT, *self.constants(view, weights))
        outputs = view.output().elements
        work = {"mac": outputs * weights.shape[1], "tap": outputs * of.taps, "output": outputs}
        return Call("conv_2d_s16_ref", "ew_conv_2d_s16_shape", shape, arguments, work=work)
