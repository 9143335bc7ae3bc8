"""int16 ADD, SUB, MUL, pooling, and functions of single elements and of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels.broadcast import loop_fields, same_place
from edgewright.kernels.call import Argument, Call, Input, Scalar
from edgewright.kernels.quant import MAX_FACTOR, quantize_multiplier, quotient, scale
from edgewright.kernels.wide import log2_of, sigmoid_table
from edgewright.kernels.window import read_window
from edgewright.ops.base import Op
from edgewright.ops.families import checks, shape_checks
from edgewright.ops.families.binary import check_shapes
from edgewright.ops.families.int16 import HIGH, IN, LOW, OUT, act_scalars, int16, int16_end
from edgewright.tflite.graph import View

_SCALE_TOLERANCE = 1e-6
_Q15 = np.float32(1 << 15)
MAX_TAPS = (1 << 16) - 1
"""Pixels of a window whose sum fits in 32 bits."""


class BinaryInt16(Op):
    """Two inputs with broadcasting of both sides."""

    dtypes = ("int16",)
    inputs = range(2, 3)

    @property
    def files(self) -> tuple[str, ...]:
        return (f"{self.name.lower()}_s16_ref",)

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
        arguments: tuple[Argument, ...] = (a, b, OUT, *self.factors(view), *act_scalars(view))
        fields = loop_fields(view.input(0).shape, view.input(1).shape)
        return (Call(self.files[0], "ew_binary_s8_shape", fields, arguments),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        return same_place(view)


class AddSubInt16(BinaryInt16):
    """ADD and SUB: both inputs gain 15 bits and are brought to twice the larger scale."""

    versions = range(1, 6)

    def check_scales(self, view: View) -> Iterator[str]:
        if max(sum_reals(view)) >= 1.0:
            yield "the output's scale is too small for the inputs' scales"

    def factors(self, view: View) -> tuple[Scalar, ...]:
        return factor_scalars(sum_reals(view))


def factor_scalars(reals: Sequence[float]) -> tuple[Scalar, ...]:
    """Multipliers and shifts of first input, second input and result."""
    pairs = [quantize_multiplier(real) for real in reals]
    return tuple(
        scalar
        for name, (multiplier, exponent) in zip(("a_", "b_", ""), pairs, strict=True)
        for scalar in (Scalar(f"{name}multiplier", multiplier), Scalar(f"{name}shift", -exponent))
    )


def sum_reals(view: View) -> tuple[float, float, float]:
    """Factors of first input, second input and sum of ADD and SUB."""
    a, b, out = scale(view.input(0)), scale(view.input(1)), scale(view.output())
    twice = 2 * max(a, b)
    return a / twice, b / twice, twice / ((1 << 15) * out)


class PoolInt16(Op):
    """Input and output on one scale."""

    dtypes = ("int16",)
    versions = range(1, 4)

    @property
    def files(self) -> tuple[str, ...]:
        return (f"{self.name.lower()}_s16_ref",)

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
        return (Call(self.files[0], "ew_pool_2d_s8_shape", shape, (IN, OUT, *act_scalars(view))),)


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

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        return {0: 0}


class SigmoidInt16(UnaryInt16):
    """LOGISTIC and TANH by interpolation; the output's scale is 2^-15."""

    kind = 0
    most_pot_shift = 0
    """TensorFlow Lite Micro takes scales of 2^-12 to 2^-(12 - this) as they are, others through a factor."""
    files = ("activation_s16_ref",)

    def check_scales(self, view: View) -> Iterator[str]:
        if log2_of(scale(view.output())) != -15:
            yield "the output's scale is not 2^-15"
        if scale(view.input(0)) * 3 * 4096 >= HIGH:
            yield "the input's scale is too large"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        multiplier, shift = self._factor(scale(view.input(0)))
        factor = (Scalar("multiplier", multiplier), Scalar("shift", shift))
        shape = (("count", view.output().elements), ("kind", self.kind))
        arguments = (IN, OUT, sigmoid_table(), *factor)
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


class RescaleInt16(UnaryInt16):
    """A factor for numbers below 0, one for others, and a clamp."""

    files = ("rescale_s16_ref",)

    def rescales(self, view: View) -> bool:
        """Whether it does more than to clamp."""
        return True

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

    def pairs(self, view: View) -> list[tuple[int, int]]:
        """(multiplier, exponent) of both factors."""
        return [quantize_multiplier(real) for real in self.factors(view)]

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        pairs = self.pairs(view)
        names = ("", "below_")
        scalars = tuple(
            scalar
            for name, (multiplier, exponent) in zip(names, pairs, strict=True)
            for scalar in (Scalar(f"{name}multiplier", multiplier), Scalar(f"{name}shift", -exponent))
        )
        low, high = self.bounds(view)
        shape = (("count", view.output().elements), ("rescales", int(self.rescales(view))))
        arguments: tuple[Argument, ...] = (IN, OUT, *scalars, Scalar("act_min", low), Scalar("act_max", high))
        return (Call("rescale_s16_ref", "ew_rescale_s16_shape", shape, arguments),)


def quotient_of_scales(view: View) -> float:
    """In double."""
    return scale(view.input(0)) / scale(view.output())


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
