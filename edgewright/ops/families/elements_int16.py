"""int16 ADD, SUB, MUL, pooling, and functions of single elements and of rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tflite.ActivationFunctionType import ActivationFunctionType as Activation

from edgewright.kernels.broadcast import loop_fields, same_place
from edgewright.kernels.call import Argument, Call, Const, Input, Output, Scalar
from edgewright.kernels.quant import (
    DIVIDES_IN_FLOAT32,
    MAX_FACTOR,
    activation_range,
    quantize_multiplier,
    quotient,
    scale,
)
from edgewright.kernels.wide import log2_of, sigmoid_table
from edgewright.kernels.window import read_window
from edgewright.ops import leaky_relu
from edgewright.ops.base import Op
from edgewright.ops.families import checks, shape_checks
from edgewright.ops.families.binary import check_shapes
from edgewright.ops.families.int16 import HIGH, LOW, act_scalars, int16, int16_end
from edgewright.ops.relu6 import RESCALES
from edgewright.ops.rsqrt import rsqrt_real
from edgewright.tflite.graph import View

_IN, _OUT = Input("input", ctype="int16_t"), Output("output", ctype="int16_t")
_SCALE_TOLERANCE = 1e-6
_RSQRT_EXPONENTS = -11, 30
_Q15 = np.float32(1 << 15)
MAX_TAPS = (1 << 16) - 1
"""Pixels of a window whose sum fits in 32 bits."""


class BinaryInt16(Op):
    """Two inputs with broadcasting of both sides."""

    dtypes = ("int16",)
    inputs = range(2, 3)

    def kernel_stem(self, view: View) -> str:
        return f"{self.name.lower()}_s16"

    def check(self, view: View) -> Iterator[str]:
        faults = [*int16_end(view), *int16(view.input(1), "second input"), *checks.activation(view)]
        faults = faults or list(check_shapes(view))
        yield from faults or self.check_scales(view)

    def check_scales(self, view: View) -> Iterator[str]:
        """The factors fit."""
        raise NotImplementedError

    def factors(self, view: View) -> tuple[Scalar, ...]:
        """Arguments between output and clamp."""
        raise NotImplementedError

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        a, b = Input("a", 0, "int16_t"), Input("b", 1, "int16_t")
        arguments: tuple[Argument, ...] = (a, b, _OUT, *self.factors(view), *act_scalars(view))
        fields = loop_fields(view.input(0).shape, view.input(1).shape)
        return (Call(f"{self.kernel_stem(view)}_ref", "ew_binary_s8_shape", fields, arguments),)

    def overlap(self, view: View, variant: str) -> Mapping[int, int]:
        return same_place(view)


class SumInt16(BinaryInt16):
    """ADD and SUB: both inputs gain 15 bits and are brought to twice the larger scale."""

    versions = range(1, 6)

    def check_scales(self, view: View) -> Iterator[str]:
        if max(_sum_reals(view)) >= 1.0:
            yield "the output's scale is too small for the inputs' scales"

    def factors(self, view: View) -> tuple[Scalar, ...]:
        return factor_scalars(_sum_reals(view))


def factor_scalars(reals: Sequence[float]) -> tuple[Scalar, ...]:
    """Multipliers and shifts of first input, second input and result."""
    pairs = [quantize_multiplier(real) for real in reals]
    return tuple(
        scalar
        for name, (multiplier, exponent) in zip(("a_", "b_", ""), pairs, strict=True)
        for scalar in (Scalar(f"{name}multiplier", multiplier), Scalar(f"{name}shift", -exponent))
    )


def _sum_reals(view: View) -> tuple[float, float, float]:
    a, b, out = scale(view.input(0)), scale(view.input(1)), scale(view.output())
    twice = 2 * max(a, b)
    return a / twice, b / twice, twice / ((1 << 15) * out)


class AddInt16(SumInt16):
    """a + b."""

    name = "ADD"


class SubInt16(SumInt16):
    """a - b."""

    name = "SUB"


class MulInt16(BinaryInt16):
    """a * b."""

    name = "MUL"
    versions = range(1, 8)

    def _real(self, view: View) -> float:
        return scale(view.input(0)) * scale(view.input(1)) / scale(view.output())

    def check_scales(self, view: View) -> Iterator[str]:
        if self._real(view) >= MAX_FACTOR:
            yield "the output's scale is too small for the inputs' scales"

    def factors(self, view: View) -> tuple[Scalar, ...]:
        multiplier, exponent = quantize_multiplier(self._real(view))
        return Scalar("multiplier", multiplier), Scalar("shift", -exponent)


class PoolInt16(Op):
    """Input and output on one scale."""

    dtypes = ("int16",)
    versions = range(1, 4)

    def kernel_stem(self, view: View) -> str:
        return f"{self.name.lower()}_s16"

    def check(self, view: View) -> Iterator[str]:
        faults = list(shape_checks.images(view, (view.input(0), "input"), (view.output(), "output")))
        faults += [*int16_end(view), *checks.activation(view)]
        if faults:
            yield from faults
            return
        yield from shape_checks.pooled(view, MAX_TAPS)
        if abs(scale(view.input(0)) - scale(view.output())) > _SCALE_TOLERANCE:
            yield "input and output differ in scale"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        of = read_window(view, view.option("filter_height"), view.option("filter_width"))
        shape = (("batches", view.input(0).shape[0]), *of.fields)
        return (Call(f"{self.kernel_stem(view)}_ref", "ew_pool_2d_s8_shape", shape, (_IN, _OUT, *act_scalars(view))),)


class AveragePool2DInt16(PoolInt16):
    """Halves are rounded away from zero."""

    name = "AVERAGE_POOL_2D"


class MaxPool2DInt16(PoolInt16):
    """The largest of what lies inside the image."""

    name = "MAX_POOL_2D"


class UnaryInt16(Op):
    """Output[i] = f(input[i]), or rows of such."""

    dtypes = ("int16",)
    versions = range(1, 4)

    def check(self, view: View) -> Iterator[str]:
        faults = [*checks.not_empty(view), *int16_end(view)]
        faults += checks.shape(view.output(), "the output", view.input(0).shape)
        yield from faults or self.check_scales(view)

    def check_scales(self, view: View) -> Iterator[str]:
        """The scales fit."""
        raise NotImplementedError

    def overlap(self, view: View, variant: str) -> Mapping[int, int]:
        return {0: 0}


class SigmoidInt16(UnaryInt16):
    """LOGISTIC and TANH by interpolation; the output's scale is 2^-15."""

    kind = 0
    most_pot_shift = 0
    """TensorFlow Lite Micro takes scales of 2^-12 to 2^-(12 - this) as they are, others through a factor."""

    def kernel_stem(self, view: View) -> str:
        return "activation_s16"

    def check_scales(self, view: View) -> Iterator[str]:
        if log2_of(scale(view.output())) != -15:
            yield "the output's scale is not 2^-15"
        if scale(view.input(0)) * 3 * 4096 >= HIGH:
            yield "the input's scale is too large"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        multiplier, shift = self._factor(scale(view.input(0)))
        factor = (Scalar("multiplier", multiplier), Scalar("shift", shift))
        shape = (("count", view.output().elements), ("kind", self.kind))
        arguments = (_IN, _OUT, sigmoid_table(), *factor)
        return (Call("activation_s16_ref", "ew_activation_s16_shape", shape, arguments),)

    def _factor(self, of: float) -> tuple[int, int]:
        """From the input to units of 1 / (3 * 2^12)."""
        power = log2_of(of)
        if power is not None and 0 <= power + 12 <= self.most_pot_shift:
            return 3 << (power + 12), 0
        multiplier, shift = of * 4096.0 * 3.0, 0
        while multiplier <= 32767.0 / 2.0 and shift <= 30:
            multiplier, shift = multiplier * 2.0, shift + 1
        return int(multiplier), shift


class LogisticInt16(SigmoidInt16):
    """1 / (1 + exp(-x))."""

    name = "LOGISTIC"


class TanhInt16(SigmoidInt16):
    """tanh(x)."""

    name = "TANH"
    kind = 1
    most_pot_shift = 1


class RescaleInt16(UnaryInt16):
    """A factor for numbers below 0, one for others, and a clamp."""

    def rescales(self, view: View) -> bool:
        """Whether it does more than to clamp."""
        return True

    def kernel_stem(self, view: View) -> str:
        return "rescale_s16"

    def factors(self, view: View) -> tuple[float, float]:
        """(of numbers from 0 on, of those below)."""
        real = quotient(scale(view.input(0)), scale(view.output()))
        return real, real

    def bounds(self, view: View) -> tuple[int, int]:
        """The clamp."""
        return LOW, HIGH

    def check_scales(self, view: View) -> Iterator[str]:
        if not all(abs(real) < MAX_FACTOR for real in self.factors(view)):
            yield "the output's scale is too small for the input's"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        pairs = [quantize_multiplier(real) for real in self.factors(view)]
        names = ("", "below_")
        scalars = tuple(
            scalar
            for name, (multiplier, exponent) in zip(names, pairs, strict=True)
            for scalar in (Scalar(f"{name}multiplier", multiplier), Scalar(f"{name}shift", -exponent))
        )
        low, high = self.bounds(view)
        shape = (("count", view.output().elements), ("rescales", int(self.rescales(view))))
        arguments: tuple[Argument, ...] = (_IN, _OUT, *scalars, Scalar("act_min", low), Scalar("act_max", high))
        return (Call("rescale_s16_ref", "ew_rescale_s16_shape", shape, arguments),)


class ReluInt16(RescaleInt16):
    """max(x, 0), with a change of scale."""

    name = "RELU"

    def factors(self, view: View) -> tuple[float, float]:
        if view.option(DIVIDES_IN_FLOAT32):
            return super().factors(view)
        return _quotient(view), _quotient(view)

    def bounds(self, view: View) -> tuple[int, int]:
        return 0, HIGH


class Relu6Int16(RescaleInt16):
    """min(max(x, 0), 6), on the scale of the input, unless LiteRT's answer is asked."""

    name = "RELU6"

    def rescales(self, view: View) -> bool:
        return bool(view.option(RESCALES))

    def bounds(self, view: View) -> tuple[int, int]:
        tensor = view.output() if self.rescales(view) else view.input(0)
        return activation_range(Activation.RELU6, tensor, (LOW, HIGH))


class AbsInt16(RescaleInt16):
    """|x|, with a change of scale."""

    name = "ABS"
    versions = range(1, 6)

    def factors(self, view: View) -> tuple[float, float]:
        return _quotient(view), -_quotient(view)


def _quotient(view: View) -> float:
    return scale(view.input(0)) / scale(view.output())


class LeakyReluInt16(RescaleInt16):
    """X for x >= 0, else alpha * x."""

    name = "LEAKY_RELU"
    versions = range(1, 3)

    def check_scales(self, view: View) -> Iterator[str]:
        if np.isfinite(view.option("alpha", 0.0)):
            yield from super().check_scales(view)
        else:
            yield f"alpha is {view.option('alpha')}"

    def factors(self, view: View) -> tuple[float, float]:
        return leaky_relu.factors(view)


class RsqrtInt16(UnaryInt16):
    """1 / sqrt(x) of the whole number, then the factor of the scales; of 0 and below 32767.

    LiteRT interpolates in a table of 513 entries instead: what it says of small numbers is far off.
    """

    name = "RSQRT"

    def kernel_stem(self, view: View) -> str:
        return "rsqrt_s16"

    def check_scales(self, view: View) -> Iterator[str]:
        if not _RSQRT_EXPONENTS[0] <= quantize_multiplier(rsqrt_real(view))[1] <= _RSQRT_EXPONENTS[1]:
            yield "the output's scale does not fit the input's"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        multiplier, exponent = quantize_multiplier(rsqrt_real(view))
        arguments = (_IN, _OUT, Scalar("multiplier", multiplier), Scalar("shift", -exponent))
        return (Call("rsqrt_s16_ref", "ew_rsqrt_s16_shape", (("count", view.output().elements),), arguments),)


class SoftmaxInt16(UnaryInt16):
    """Over the last dimension; the output's scale is 2^-15."""

    name = "SOFTMAX"

    def kernel_stem(self, view: View) -> str:
        return "softmax_s16"

    def check_scales(self, view: View) -> Iterator[str]:
        if log2_of(scale(view.output())) != -15:
            yield "the output's scale is not 2^-15"
        if not view.input(0).shape or view.input(0).shape[-1] > MAX_TAPS:
            yield f"the last dimension of {list(view.input(0).shape)} is not 1..{MAX_TAPS}"
        beta = view.option("beta", 1.0)
        if not (math.isfinite(beta) and 0 <= self._real(view) < 1 << 14):
            yield f"beta {beta} does not fit the input's scale"

    def _real(self, view: View) -> float:
        return scale(view.input(0)) * float(view.option("beta", 1.0)) / (10.0 / 65535.0)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        multiplier, exponent = quantize_multiplier(self._real(view))
        depth = view.input(0).shape[-1]
        arguments: tuple[Argument, ...] = (
            _IN,
            _OUT,
            Const("exps", interpolated(np.exp, -10.0, 0.0), "exp(x), x = -10..0, Q0.15", "int16_t"),
            Const("reciprocals", interpolated(_reciprocal, 0.0, 1.0), "1 / (1 + x), x = 0..1, Q0.15", "int16_t"),
            *(Scalar("multiplier", multiplier), Scalar("shift", -exponent)),
        )
        shape = (("rows", view.input(0).elements // depth), ("depth", depth))
        return (Call("softmax_s16_ref", "ew_softmax_s16_shape", shape, arguments),)


def _reciprocal(x: Any) -> Any:
    return np.float32(1.0) / (np.float32(1.0) + x)


def interpolated(function: Callable[[Any], Any], low: float, high: float, unit: np.float32 = _Q15) -> NDArray[np.int16]:
    """A function as 513 entries, each less half of what a straight line is too high in the middle; float32.

    Args:
        function: of a float32.
        low: where the first entry lies.
        high: where the last one lies.
        unit: entries are values times it, for instance 2^15 for Q0.15.
    """
    step = np.float32((np.float32(high) - np.float32(low)) / np.float32(512.0))
    start = np.float32(low)
    entries = []
    for i in range(512):
        at = np.float32(start + np.float32(i) * step)
        here = _round(np.float32(function(at)) * unit)
        middle = _round(np.float32(function(np.float32(at + step / np.float32(2.0)))) * unit)
        following = np.float32(function(np.float32(start + np.float32(i + 1) * step))) * unit
        line = _round((following + here) / np.float32(2.0))
        entries.append(here - _round((line - middle) / np.float32(2.0)))
    entries.append(_round(np.float32(function(np.float32(high))) * unit))
    return np.clip(np.array(entries), LOW, HIGH).astype(np.int16)


def _round(x: Any) -> Any:
    """Halves away from zero."""
    return np.float32(np.copysign(np.floor(np.abs(x) + np.float32(0.5)), x))


OPS: tuple[Op, ...] = (
    AddInt16(),
    SubInt16(),
    MulInt16(),
    AveragePool2DInt16(),
    MaxPool2DInt16(),
    LogisticInt16(),
    TanhInt16(),
    ReluInt16(),
    Relu6Int16(),
    AbsInt16(),
    LeakyReluInt16(),
    RsqrtInt16(),
    SoftmaxInt16(),
)
