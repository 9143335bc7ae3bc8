"""MUL, int16."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.kernels.call import Scalar
from edgewright.kernels.quant import MAX_FACTOR, quantize_multiplier, scale
from edgewright.ops.base import Op
from edgewright.ops.families.elements_int16 import BinaryInt16
from edgewright.tflite.graph import View


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


TYPED: tuple[Op, ...] = (MulInt16(),)
