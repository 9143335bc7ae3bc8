"""SIGNAL_FILTER_BANK_LOG: the custom operator SignalFilterBankLog: natural logarithms times a scale, 0 of 0."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from edgewright.kernels.call import Call, Const
from edgewright.ops.families.signal import SignalOp, ends, has_elements
from edgewright.tflite.graph import View

_SEGMENTS = np.arange(129) / 128
_TABLE = np.round((np.log2(1 + _SEGMENTS) - _SEGMENTS) * 65536).astype(np.int16)


class SignalFilterBankLog(SignalOp):
    """input [channels]; output [channels]."""

    name = "SIGNAL_FILTER_BANK_LOG"
    dtypes = ("uint32",)
    types = (("input", "uint32"),)
    results = (("output", "int16"),)
    options = (("input_correction_bits", 0, 31), ("output_scale", 0, (1 << 31) - 1))

    def check_shapes(self, view: View) -> Iterable[str]:
        yield from has_elements(view.output(), "the output", view.input(0).elements)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        names = {"scale": "output_scale", "up": "input_correction_bits"}
        fields = {"channels": view.input(0).elements, **{name: view.option(what) for name, what in names.items()}}
        table = Const("table", _TABLE, "log2(1 + i / 128) - i / 128", "int16_t")
        return (self.call(fields.items(), (*ends("uint32_t"), table)),)


OP = SignalFilterBankLog()
