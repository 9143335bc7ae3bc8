"""What int8 TANH and LOGISTIC have in common: a fixed scale and zero point of the output, or any."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Iterator
from typing import ClassVar

import numpy as np

from edgewright.kernels.quant import (
    INT8_MAX,
    INT8_MIN,
    clamp,
    requantize,
    round_half_away,
    rounding_shift,
    scale,
    zero_point,
)
from edgewright.ops.families.table import RealTableOp, TableOp
from edgewright.tflite.graph import View

RESCALES = "rescales"
"""Option: the output's own scale holds, as in LiteRT."""

_INTEGER_BITS = 4


class _Rescaled(RealTableOp):
    """LiteRT's: on any scale and zero point of the output."""

    def __init__(self, of: Sigmoid) -> None:
        self.name, self._of = of.name, of  # type: ignore[misc]

    def real(self, view: View, x: np.float32) -> np.float32:
        return self._of.real(x)


class Sigmoid(TableOp):
    """A function whose values have fixed ends.

    Attributes:
        specified_zero: zero point of the output, as the quantization specification has it.
        fraction_bits: the specification's scale is 2 to the power of minus these.
    """

    versions = range(1, 4)
    specified_zero: ClassVar[int]
    fraction_bits: ClassVar[int]

    @abstractmethod
    def fixed_point(self, a: int, integer_bits: int) -> int:
        """The function in Q0.31, of a in Q<integer_bits>."""

    @abstractmethod
    def real(self, x: np.float32) -> np.float32:
        """The function of a real number."""

    def check(self, view: View) -> Iterator[str]:
        faults = list(super().check(view))
        yield from faults or (_Rescaled(self).check(view) if self._rescales(view) else ())

    def function(self, view: View) -> Callable[[int], int]:
        return _Rescaled(self).function(view) if self._rescales(view) else self._specified(view)

    def _rescales(self, view: View) -> bool:
        return bool(view.option(RESCALES)) or zero_point(view.output()) != self.specified_zero

    def _specified(self, view: View) -> Callable[[int], int]:
        zero = zero_point(view.input(0))
        fraction, shift = math.frexp(scale(view.input(0)) * (1 << (31 - _INTEGER_BITS)))
        multiplier = round_half_away(fraction * (1 << 31))
        radius = math.floor(((1 << _INTEGER_BITS) - 1) * (1 << (31 - _INTEGER_BITS)) / 2.0**shift)

        def value(x: int) -> int:
            if abs(x - zero) >= radius:
                return INT8_MIN if x - zero <= -radius else INT8_MAX
            q4 = requantize(x - zero, multiplier, shift)
            found = self.fixed_point(q4, _INTEGER_BITS)
            return clamp(rounding_shift(found, 31 - self.fraction_bits) + self.specified_zero)

        return value
