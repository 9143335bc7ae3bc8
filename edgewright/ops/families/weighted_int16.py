"""int16 CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED and TRANSPOSE_CONV with int8 weights."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels import weighted
from edgewright.kernels.call import Argument, Call, Const, Input, Output
from edgewright.kernels.constant import constant_data
from edgewright.kernels.quant import MAX_FACTOR, channel_multipliers
from edgewright.kernels.wide import MAX_BIAS, MAX_FACTOR_WIDE, wide_factors
from edgewright.kernels.window import Window, read_window
from edgewright.ops.base import Op
from edgewright.ops.families import checks, shape_checks, weight_checks
from edgewright.ops.families.int16 import act_scalars, int16_end
from edgewright.ops.transpose_conv import as_convolution, fields
from edgewright.tflite.graph import View


class WeightedInt16(Op):
    """Inputs (input, weights, bias or none); one kernel for three operators."""

    dtypes = ("int16",)
    axis = 0
    """Dimension of the weights that output channels count along."""

    bias_types: tuple[str, ...] = ("int64",)

    def kernel_stem(self, view: View) -> str:
        return "conv_2d_s16"

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
        count, bias = len(weights), view.optional_input(2)
        reals = self.reals(view, count)
        multiplier, shift = wide_factors(reals) if self.is_wide(view) else channel_multipliers(reals)
        raw = np.zeros(count, np.int64) if bias is None else constant_data(bias).astype(np.int64).reshape(-1)
        return (
            Const("weights", np.ascontiguousarray(weights).reshape(-1), "weights"),
            Const("bias", raw, "biases", "int64_t"),
            Const("multiplier", multiplier, "multipliers", "int32_t"),
            Const("shift", shift, "right shifts"),
            *act_scalars(view),
        )

    def call(self, view: View, of: Window, groups: int, weights: NDArray[np.int8], batches: int) -> Call:
        """The call of the shared kernel."""
        shape = (("batches", batches), *of.fields, ("out_c", len(weights)), ("groups", groups))
        shape = (*shape, ("wide", int(self.is_wide(view))))
        arguments = (Input("input", ctype="int16_t"), Output("output", ctype="int16_t"))
        return Call("conv_2d_s16_ref", "ew_conv_2d_s16_shape", shape, (*arguments, *self.constants(view, weights)))


class Conv2DInt16(WeightedInt16):
    """Dilated, strided, grouped."""

    name = "CONV_2D"
    versions = range(1, 8)
    inputs = range(2, 4)
    bias_types = ("int32", "int64")

    def check(self, view: View) -> Iterator[str]:
        yield from [*shape_checks.weighted_images(view), *int16_end(view)] or self._deeper(view)

    def _deeper(self, view: View) -> Iterator[str]:
        yield from self.check_numbers(view)
        yield from shape_checks.convolution(view)

    def macs(self, view: View) -> int:
        return view.output().elements * view.input(1).elements // view.input(1).shape[0]

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        weights = constant_data(view.input(1)).astype(np.int8)
        rows = weights.reshape(len(weights), -1)
        groups = view.input(0).shape[3] // weights.shape[3]
        return (self.call(view, read_window(view, *weights.shape[1:3]), groups, rows, view.input(0).shape[0]),)


class DepthwiseConv2DInt16(WeightedInt16):
    """Any multiplier."""

    name = "DEPTHWISE_CONV_2D"
    versions = range(1, 8)
    inputs = range(2, 4)
    axis = 3

    def check(self, view: View) -> Iterator[str]:
        yield from [*shape_checks.weighted_images(view), *int16_end(view)] or self._deeper(view)

    def _deeper(self, view: View) -> Iterator[str]:
        yield from self.check_numbers(view)
        yield from shape_checks.depthwise(view)

    def macs(self, view: View) -> int:
        return view.output().elements * view.input(1).shape[1] * view.input(1).shape[2]

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        weights = constant_data(view.input(1)).astype(np.int8)
        rows = weights.reshape(-1, weights.shape[3]).T
        batches, _, _, in_c = view.input(0).shape
        return (self.call(view, read_window(view, *weights.shape[1:3]), in_c, rows, batches),)


class FullyConnectedInt16(WeightedInt16):
    """Weights quantized per tensor or per channel."""

    name = "FULLY_CONNECTED"
    versions = range(1, 14)
    inputs = range(2, 4)
    bias_types = ("int32", "int64")

    def check(self, view: View) -> Iterator[str]:
        faults = [*checks.rank(view.input(1), "weights", 2), *checks.not_empty(view), *int16_end(view)]
        yield from faults or self._deeper(view)

    def _deeper(self, view: View) -> Iterator[str]:
        yield from self.check_numbers(view)
        yield from shape_checks.fully_connected(view)

    def macs(self, view: View) -> int:
        return view.output().elements * view.input(1).shape[1]

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        weights = constant_data(view.input(1)).astype(np.int8)
        rows = view.output().elements // len(weights)
        of = Window(rows, 1, weights.shape[1], rows, 1, 1, 1)
        return (self.call(view, of, 1, weights, 1),)


class TransposeConvInt16(WeightedInt16):
    """Strided."""

    name = "TRANSPOSE_CONV"
    versions = range(1, 6)
    inputs = range(3, 5)

    def kernel_stem(self, view: View) -> str:
        return "transpose_conv_s16"

    def check(self, view: View) -> Iterator[str]:
        yield from [*shape_checks.transposed_images(view), *int16_end(view, 2)] or self._deeper(view)

    def _deeper(self, view: View) -> Iterator[str]:
        yield from self.check_numbers(as_convolution(view))
        yield from shape_checks.transposed(view)

    def macs(self, view: View) -> int:
        return view.input(2).elements * view.input(1).elements // view.input(1).shape[3]

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        weights = constant_data(view.input(1)).astype(np.int8)
        constants = self.constants(as_convolution(view), weights.reshape(len(weights), -1))
        arguments = (Input("input", 2, "int16_t"), Output("output", ctype="int16_t"), *constants)
        return (Call("transpose_conv_s16_ref", "ew_transpose_conv_s16_shape", fields(view), arguments),)


OPS: tuple[Op, ...] = (Conv2DInt16(), DepthwiseConv2DInt16(), FullyConnectedInt16(), TransposeConvInt16())
