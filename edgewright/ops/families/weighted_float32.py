"""float32 operators, as a plain fallback: CONV_2D and its kin, and pooling.

Sums go in the order of TensorFlow Lite Micro's kernels: the bits are the same where the C compiler fuses no
multiplications and additions.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels.call import Argument, Call, Const, Input
from edgewright.kernels.constant import constant_data
from edgewright.kernels.window import Window, read_window
from edgewright.ops.base import Op
from edgewright.ops.families import checks, shape_checks, weight_checks
from edgewright.ops.families.float32 import IN, OUT, clamp_of, float32_ends
from edgewright.ops.transpose_conv import as_convolution, fields
from edgewright.tflite.graph import View

_MAX_TAPS = 1 << 24


class WeightedFloat(Op):
    """Inputs (input, weights, bias or none), weights and bias constant; one kernel for three operators."""

    dtypes = ("float32",)

    def kernel_stem(self, view: View) -> str:
        return "conv_2d_f32"

    def check_numbers(self, view: View, count: int) -> Iterator[str]:
        """Weights and bias, for `view` with inputs in the order above."""
        yield from checks.dtype(view.input(1), "weights", "float32")
        yield from checks.constant(view.input(1), "weights")
        bias = view.optional_input(2)
        if bias is not None:
            yield from weight_checks.check_bias(bias, count, "float32")

    def constants(self, view: View, weights: NDArray[np.generic]) -> tuple[Argument, ...]:
        """Arguments behind input and output, for weights (channels, taps)."""
        bias = view.optional_input(2)
        raw = np.zeros(len(weights), np.float32) if bias is None else constant_data(bias).reshape(-1)
        flat = np.ascontiguousarray(weights).reshape(-1)
        return (Const("weights", flat, "weights", "float"), Const("bias", raw, "biases", "float"), *clamp_of(view))

    def call(self, view: View, of: Window, groups: int, weights: NDArray[np.generic], batches: int) -> Call:
        """The call of the shared kernel."""
        shape = (("batches", batches), *of.fields, ("out_c", len(weights)), ("groups", groups))
        return Call("conv_2d_f32_ref", "ew_conv_2d_f32_shape", shape, (IN, OUT, *self.constants(view, weights)))


class Conv2DFloat(WeightedFloat):
    """Dilated, strided, grouped."""

    name = "CONV_2D"
    versions = range(1, 8)
    inputs = range(2, 4)

    def check(self, view: View) -> Iterator[str]:
        yield from [*shape_checks.weighted_images(view), *float32_ends(view)] or self._deeper(view)

    def _deeper(self, view: View) -> Iterator[str]:
        yield from self.check_numbers(view, view.input(1).shape[0])
        yield from shape_checks.convolution(view)

    def macs(self, view: View) -> int:
        return view.output().elements * view.input(1).elements // view.input(1).shape[0]

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        weights = constant_data(view.input(1))
        groups = view.input(0).shape[3] // weights.shape[3]
        of = read_window(view, *weights.shape[1:3])
        return (self.call(view, of, groups, weights.reshape(len(weights), -1), view.input(0).shape[0]),)


class DepthwiseConv2DFloat(WeightedFloat):
    """Any multiplier."""

    name = "DEPTHWISE_CONV_2D"
    versions = range(1, 8)
    inputs = range(2, 4)

    def check(self, view: View) -> Iterator[str]:
        yield from [*shape_checks.weighted_images(view), *float32_ends(view)] or self._deeper(view)

    def _deeper(self, view: View) -> Iterator[str]:
        yield from self.check_numbers(view, view.input(1).shape[3])
        yield from shape_checks.depthwise(view)

    def macs(self, view: View) -> int:
        return view.output().elements * view.input(1).shape[1] * view.input(1).shape[2]

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        weights = constant_data(view.input(1))
        of = read_window(view, *weights.shape[1:3])
        rows = weights.reshape(-1, weights.shape[3]).T
        return (self.call(view, of, view.input(0).shape[3], rows, view.input(0).shape[0]),)


class FullyConnectedFloat(WeightedFloat):
    """Rows of the input's last dimension."""

    name = "FULLY_CONNECTED"
    versions = range(1, 14)
    inputs = range(2, 4)

    def check(self, view: View) -> Iterator[str]:
        faults = [*checks.rank(view.input(1), "weights", 2), *checks.not_empty(view), *float32_ends(view)]
        yield from faults or self._deeper(view)

    def _deeper(self, view: View) -> Iterator[str]:
        yield from self.check_numbers(view, view.input(1).shape[0])
        yield from shape_checks.fully_connected(view)

    def macs(self, view: View) -> int:
        return view.output().elements * view.input(1).shape[1]

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        weights = constant_data(view.input(1))
        rows = view.output().elements // len(weights)
        return (self.call(view, Window(rows, 1, weights.shape[1], rows, 1, 1, 1), 1, weights, 1),)


class TransposeConvFloat(WeightedFloat):
    """Strided."""

    name = "TRANSPOSE_CONV"
    versions = range(1, 6)
    inputs = range(3, 5)

    def kernel_stem(self, view: View) -> str:
        return "transpose_conv_f32"

    def check(self, view: View) -> Iterator[str]:
        yield from [*shape_checks.transposed_images(view), *float32_ends(view, 2)] or self._deeper(view)

    def _deeper(self, view: View) -> Iterator[str]:
        yield from self.check_numbers(as_convolution(view), view.input(1).shape[0])
        yield from shape_checks.transposed(view)

    def macs(self, view: View) -> int:
        return view.input(2).elements * view.input(1).elements // view.input(1).shape[3]

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        weights = constant_data(view.input(1))
        constants = self.constants(as_convolution(view), weights.reshape(len(weights), -1))
        arguments = (Input("input", 2, "float"), OUT, *constants)
        return (Call("transpose_conv_f32_ref", "ew_transpose_conv_f32_shape", fields(view), arguments),)


class PoolFloat(Op):
    """Of what lies inside the image: the mean, the largest, the root of the mean of squares."""

    dtypes = ("float32",)

    def __init__(self, name: str) -> None:
        self.name, self.versions = name, range(1, 4)  # type: ignore[misc]

    def kernel_stem(self, view: View) -> str:
        return f"{self.name.lower()}_f32"

    def check(self, view: View) -> Iterator[str]:
        faults = list(shape_checks.images(view, (view.input(0), "input"), (view.output(), "output")))
        yield from [*faults, *float32_ends(view), *checks.activation(view)] or shape_checks.pooled(view, _MAX_TAPS)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        of = read_window(view, view.option("filter_height"), view.option("filter_width"))
        shape = (("batches", view.input(0).shape[0]), *of.fields)
        return (Call(f"{self.kernel_stem(view)}_ref", "ew_pool_2d_s8_shape", shape, (IN, OUT, *clamp_of(view))),)


OPS: tuple[Op, ...] = (
    Conv2DFloat(),
    DepthwiseConv2DFloat(),
    FullyConnectedFloat(),
    TransposeConvFloat(),
    PoolFloat("AVERAGE_POOL_2D"),
    PoolFloat("MAX_POOL_2D"),
)
