"""float32 operators, as a plain fallback: CONV_2D and its kin, ADD, SUB, MUL, pooling, activations, SOFTMAX.

Sums go in the order of TensorFlow Lite Micro's kernels. What calls libm (LOGISTIC, TANH, SOFTMAX) gives what the
target's libm gives; elsewhere the bits are those of TensorFlow Lite Micro where the C compiler fuses no
multiplications and additions.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray
from tflite.ActivationFunctionType import ActivationFunctionType as Activation

from edgewright.ops import _check, _conv, _shapes
from edgewright.ops._base import Argument, Call, Const, Input, Op, Output, Scalar
from edgewright.ops._broadcast import check_shapes, loop_fields, same_place
from edgewright.ops._window import Window, read_window
from edgewright.ops.transpose_conv import as_convolution, fields
from edgewright.tflite.graph import View

_IN, _OUT = Input("input", ctype="float"), Output("output", ctype="float")
_MOST = float(np.finfo(np.float32).max)
_BOUNDS = {
    Activation.NONE: (-_MOST, _MOST),
    Activation.RELU: (0.0, _MOST),
    Activation.RELU_N1_TO_1: (-1.0, 1.0),
    Activation.RELU6: (0.0, 6.0),
}
_MAX_TAPS = 1 << 24


def _ends(view: View, *inputs: int) -> Iterator[str]:
    for index in inputs or (0,):
        yield from _check.dtype(view.input(index), f"input {index}", "float32")
    yield from _check.dtype(view.output(), "output", "float32")


def clamp_of(view: View) -> tuple[Scalar, Scalar]:
    """Arguments for the ends of a fused activation."""
    low, high = _BOUNDS[view.option("fused_activation_function", 0)]
    return Scalar("act_min", low, "float"), Scalar("act_max", high, "float")


class WeightedFloat(Op):
    """Inputs (input, weights, bias or none), weights and bias constant; one kernel for three operators."""

    dtypes = ("float32",)

    def kernel_stem(self, view: View) -> str:
        return "conv_2d_f32"

    def check_numbers(self, view: View, count: int) -> Iterator[str]:
        """Weights and bias, for `view` with inputs in the order above."""
        yield from _check.dtype(view.input(1), "weights", "float32")
        yield from _check.constant(view.input(1), "weights")
        bias = view.optional_input(2)
        if bias is not None:
            yield from _conv.check_bias(bias, count, "float32")

    def constants(self, view: View, weights: NDArray[np.generic]) -> tuple[Argument, ...]:
        """Arguments behind input and output, for weights (channels, taps)."""
        bias = view.optional_input(2)
        raw = np.zeros(len(weights), np.float32) if bias is None else _conv.constant_data(bias).reshape(-1)
        flat = np.ascontiguousarray(weights).reshape(-1)
        return (Const("weights", flat, "weights", "float"), Const("bias", raw, "biases", "float"), *clamp_of(view))

    def call(self, view: View, of: Window, groups: int, weights: NDArray[np.generic], batches: int) -> Call:
        """The call of the shared kernel."""
        shape = (("batches", batches), *of.fields, ("out_c", len(weights)), ("groups", groups))
        return Call("conv_2d_f32_ref", "ew_conv_2d_f32_shape", shape, (_IN, _OUT, *self.constants(view, weights)))


class Conv2DFloat(WeightedFloat):
    """Dilated, strided, grouped."""

    name = "CONV_2D"
    versions = range(1, 8)
    inputs = range(2, 4)

    def check(self, view: View) -> Iterator[str]:
        yield from [*_shapes.weighted_images(view), *_ends(view)] or self._deeper(view)

    def _deeper(self, view: View) -> Iterator[str]:
        yield from self.check_numbers(view, view.input(1).shape[0])
        yield from _shapes.convolution(view)

    def macs(self, view: View) -> int:
        return view.output().elements * view.input(1).elements // view.input(1).shape[0]

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        weights = _conv.constant_data(view.input(1))
        groups = view.input(0).shape[3] // weights.shape[3]
        of = read_window(view, *weights.shape[1:3])
        return (self.call(view, of, groups, weights.reshape(len(weights), -1), view.input(0).shape[0]),)


class DepthwiseConv2DFloat(WeightedFloat):
    """Any multiplier."""

    name = "DEPTHWISE_CONV_2D"
    versions = range(1, 8)
    inputs = range(2, 4)

    def check(self, view: View) -> Iterator[str]:
        yield from [*_shapes.weighted_images(view), *_ends(view)] or self._deeper(view)

    def _deeper(self, view: View) -> Iterator[str]:
        yield from self.check_numbers(view, view.input(1).shape[3])
        yield from _shapes.depthwise(view)

    def macs(self, view: View) -> int:
        return view.output().elements * view.input(1).shape[1] * view.input(1).shape[2]

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        weights = _conv.constant_data(view.input(1))
        of = read_window(view, *weights.shape[1:3])
        rows = weights.reshape(-1, weights.shape[3]).T
        return (self.call(view, of, view.input(0).shape[3], rows, view.input(0).shape[0]),)


class FullyConnectedFloat(WeightedFloat):
    """Rows of the input's last dimension."""

    name = "FULLY_CONNECTED"
    versions = range(1, 14)
    inputs = range(2, 4)

    def check(self, view: View) -> Iterator[str]:
        faults = [*_check.rank(view.input(1), "weights", 2), *_check.not_empty(view), *_ends(view)]
        yield from faults or self._deeper(view)

    def _deeper(self, view: View) -> Iterator[str]:
        yield from self.check_numbers(view, view.input(1).shape[0])
        yield from _shapes.fully_connected(view)

    def macs(self, view: View) -> int:
        return view.output().elements * view.input(1).shape[1]

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        weights = _conv.constant_data(view.input(1))
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
        yield from [*_shapes.transposed_images(view), *_ends(view, 2)] or self._deeper(view)

    def _deeper(self, view: View) -> Iterator[str]:
        yield from self.check_numbers(as_convolution(view), view.input(1).shape[0])
        yield from _shapes.transposed(view)

    def macs(self, view: View) -> int:
        return view.input(2).elements * view.input(1).elements // view.input(1).shape[3]

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        weights = _conv.constant_data(view.input(1))
        constants = self.constants(as_convolution(view), weights.reshape(len(weights), -1))
        arguments = (Input("input", 2, "float"), _OUT, *constants)
        return (Call("transpose_conv_f32_ref", "ew_transpose_conv_f32_shape", fields(view), arguments),)


class BinaryFloat(Op):
    """ADD, SUB and MUL with broadcasting of both sides."""

    dtypes = ("float32",)
    inputs = range(2, 3)

    def __init__(self, name: str, versions: range) -> None:
        self.name, self.versions = name, versions  # type: ignore[misc]

    def kernel_stem(self, view: View) -> str:
        return f"{self.name.lower()}_f32"

    def check(self, view: View) -> Iterator[str]:
        yield from [*_ends(view, 0, 1), *_check.activation(view)] or check_shapes(view)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        arguments = (Input("a", 0, "float"), Input("b", 1, "float"), _OUT, *clamp_of(view))
        shape = loop_fields(view.input(0).shape, view.input(1).shape)
        return (Call(f"{self.kernel_stem(view)}_ref", "ew_binary_s8_shape", shape, arguments),)

    def overlap(self, view: View, variant: str) -> Mapping[int, int]:
        return same_place(view)


class PoolFloat(Op):
    """AVERAGE_POOL_2D and MAX_POOL_2D of what lies inside the image."""

    dtypes = ("float32",)

    def __init__(self, name: str) -> None:
        self.name, self.versions = name, range(1, 4)  # type: ignore[misc]

    def kernel_stem(self, view: View) -> str:
        return f"{self.name.lower()}_f32"

    def check(self, view: View) -> Iterator[str]:
        faults = list(_shapes.images(view, (view.input(0), "input"), (view.output(), "output")))
        yield from [*faults, *_ends(view), *_check.activation(view)] or _shapes.pooled(view, _MAX_TAPS)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        of = read_window(view, view.option("filter_height"), view.option("filter_width"))
        shape = (("batches", view.input(0).shape[0]), *of.fields)
        return (Call(f"{self.kernel_stem(view)}_ref", "ew_pool_2d_s8_shape", shape, (_IN, _OUT, *clamp_of(view))),)


class UnaryFloat(Op):
    """A function of single elements.

    Args:
        name: of the operator.
        versions: of it.
        kind: number of the function in the kernel.
        a, b: its parameters.
    """

    dtypes = ("float32",)

    def __init__(self, name: str, versions: range, kind: int, a: float = 0.0, b: float = 0.0) -> None:
        self.name, self.versions = name, versions  # type: ignore[misc]
        self._kind, self._a, self._b = kind, a, b

    def kernel_stem(self, view: View) -> str:
        return "activation_f32"

    def check(self, view: View) -> Iterator[str]:
        yield from _check.not_empty(view)
        yield from _ends(view)
        yield from _check.shape(view.output(), "the output", view.input(0).shape)
        if not math.isfinite(view.option("alpha", 0.0)):
            yield f"alpha is {view.option('alpha')}"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        shape = (("count", view.output().elements), ("kind", self._kind))
        a = float(view.option("alpha", self._a))
        arguments = (_IN, _OUT, Scalar("a", a, "float"), Scalar("b", self._b, "float"))
        return (Call("activation_f32_ref", "ew_activation_f32_shape", shape, arguments),)

    def overlap(self, view: View, variant: str) -> Mapping[int, int]:
        return {0: 0}


class SoftmaxFloat(Op):
    """Over the last dimension."""

    name = "SOFTMAX"
    versions = range(1, 4)
    dtypes = ("float32",)

    def kernel_stem(self, view: View) -> str:
        return "softmax_f32"

    def check(self, view: View) -> Iterator[str]:
        yield from _check.not_empty(view)
        yield from _ends(view)
        yield from _check.shape(view.output(), "the output", view.input(0).shape)
        if not view.input(0).shape:
            yield "the input is a scalar"
        if not math.isfinite(view.option("beta", 1.0)):
            yield f"beta is {view.option('beta')}"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        depth = view.input(0).shape[-1]
        shape = (("rows", view.input(0).elements // depth), ("depth", depth))
        beta = Scalar("beta", float(view.option("beta", 1.0)), "float")
        return (Call("softmax_f32_ref", "ew_softmax_f32_shape", shape, (_IN, _OUT, beta)),)

    def overlap(self, view: View, variant: str) -> Mapping[int, int]:
        return {0: 0}


_CLAMP, _LEAKY, _LOGISTIC, _TANH = range(4)

OPS: tuple[Op, ...] = (
    Conv2DFloat(),
    DepthwiseConv2DFloat(),
    FullyConnectedFloat(),
    TransposeConvFloat(),
    BinaryFloat("ADD", range(1, 6)),
    BinaryFloat("SUB", range(1, 6)),
    BinaryFloat("MUL", range(1, 8)),
    PoolFloat("AVERAGE_POOL_2D"),
    PoolFloat("MAX_POOL_2D"),
    UnaryFloat("RELU", range(1, 4), _CLAMP, 0.0, math.inf),
    UnaryFloat("RELU6", range(1, 4), _CLAMP, 0.0, 6.0),
    UnaryFloat("RELU_N1_TO_1", range(1, 3), _CLAMP, -1.0, 1.0),
    UnaryFloat("LEAKY_RELU", range(1, 3), _LEAKY),
    UnaryFloat("LOGISTIC", range(1, 4), _LOGISTIC),
    UnaryFloat("TANH", range(1, 4), _TANH),
    SoftmaxFloat(),
)
