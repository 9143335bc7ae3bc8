"""int16 functions of single elements by interpolation in a table of 513 entries, as LiteRT has them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator

import numpy as np

from edgewright.kernels.call import Call, Const
from edgewright.kernels.quant import scale
from edgewright.ops.families.elements_int16 import UnaryInt16, interpolated
from edgewright.ops.families.int16 import HIGH, IN, LOW, OUT
from edgewright.tflite.graph import View


class TableInt16(UnaryInt16):
    """A function of a real number, computed in float32 at the table's entries and between them."""

    oracle = "LiteRT"
    versions = range(1, 3)
    files = ("lookup_s16_ref",)

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
            IN,
            OUT,
            Const("table", table, f"{self.name} of -32768..32767, every 128", "int16_t"),
        )
        return (Call("lookup_s16_ref", "ew_lookup_s16_shape", (("count", view.output().elements),), arguments),)
