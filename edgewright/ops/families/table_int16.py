"""int16 functions of single elements by interpolation in a table of 513 entries, as LiteRT has them."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator

import numpy as np

from edgewright.kernels.call import Call, Const, Input, Output
from edgewright.kernels.quant import scale
from edgewright.ops.base import Op
from edgewright.ops.families.elements_int16 import UnaryInt16, interpolated
from edgewright.ops.families.int16 import HIGH, LOW
from edgewright.ops.gelu import gelu
from edgewright.ops.log import log
from edgewright.tflite.graph import View

_MOST_POWER = 86.0
"""Greater powers of e leave float32, or their sums do."""

_COARSEST = 1 / 64
"""The entries of a table of exponentials, each raised for what a straight line misses, are above 0 up to it."""


class TableInt16(UnaryInt16):
    """A function of a real number, computed in float32 at the table's entries and between them."""

    oracle = "LiteRT"
    versions = range(1, 3)

    def kernel_stem(self, view: View) -> str:
        return "lookup_s16"

    @abstractmethod
    def real(self, view: View, x: np.float32) -> np.float32:
        """The function."""

    def check_scales(self, view: View) -> Iterator[str]:
        return iter(())

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        of, out = np.float32(scale(view.input(0))), np.float32(scale(view.output()))
        unit = np.float32(1 << 16) / np.float32(out * np.float32(HIGH) - out * np.float32(LOW))
        low, high = (float(of * np.float32(end)) for end in (LOW, HIGH))
        table = interpolated(lambda x: self.real(view, np.float32(x)), low, high, unit)
        arguments = (
            Input("input", ctype="int16_t"),
            Output("output", ctype="int16_t"),
            Const("table", table, f"{self.name} of -32768..32767, every 128", "int16_t"),
        )
        return (Call("lookup_s16_ref", "ew_lookup_s16_shape", (("count", view.output().elements),), arguments),)


class ExpInt16(TableInt16):
    """By interpolation. What float32 does not hold is 32767, at which LiteRT answers 0."""

    name = "EXP"

    def check_scales(self, view: View) -> Iterator[str]:
        if scale(view.input(0)) > _COARSEST:
            yield "the input's scale is above 1/64, too coarse for a table of 513 exponentials"

    def real(self, view: View, x: np.float32) -> np.float32:
        """Bounded where the output is long at its greatest number, so that no entry leaves float32."""
        return np.float32(math.exp(min(float(x), _MOST_POWER + min(math.log(scale(view.output())), 0.0))))


class GeluInt16(TableInt16):
    """By interpolation."""

    name = "GELU"

    def real(self, view: View, x: np.float32) -> np.float32:
        return gelu(x, approximate=bool(view.option("approximate", False)))


class LogInt16(TableInt16):
    """By interpolation; of numbers of 0 and below the least number."""

    name = "LOG"

    def real(self, view: View, x: np.float32) -> np.float32:
        return log(x, np.float32(LOW) * np.float32(scale(view.output())))


OPS: tuple[Op, ...] = (ExpInt16(), GeluInt16(), LogInt16())
