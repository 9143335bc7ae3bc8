"""SIGNAL_FILTER_BANK_SQUARE_ROOT: the custom operator SignalFilterBankSquareRoot: roots, brought down by a scale."""

from __future__ import annotations

from collections.abc import Iterable

from edgewright.kernels.call import Call, Input, Output
from edgewright.ops.families.signal import SignalOp, has_elements
from edgewright.tflite.graph import View


class SignalFilterBankSquareRoot(SignalOp):
    """input [channels], scale []; output [channels]."""

    name = "SIGNAL_FILTER_BANK_SQUARE_ROOT"
    dtypes = ("uint64",)
    inputs = range(2, 3)
    types = (("input", "uint64"), ("the scale", "int32"))
    results = (("output", "uint32"),)

    def check_shapes(self, view: View) -> Iterable[str]:
        yield from has_elements(view.input(1), "the scale", 1)
        yield from has_elements(view.output(), "the output", view.input(0).elements)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        arguments = (Input("input", 0, "uint64_t"), Input("scale", 1, "int32_t"), Output("output", 0, "uint32_t"))
        return (self.call({"channels": view.input(0).elements}.items(), arguments),)


OP = SignalFilterBankSquareRoot()
