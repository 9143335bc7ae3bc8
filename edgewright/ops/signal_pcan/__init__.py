"""SIGNAL_PCAN: the custom operator SignalPCAN: gain control of each channel by its noise, and a compression."""

from __future__ import annotations

from collections.abc import Iterable

from edgewright.kernels.call import Call, Const, Input, Output
from edgewright.ops.families.signal import SignalOp, constants, flat, has_elements
from edgewright.tflite.graph import View

_TABLE = 125
"""Gains of 0, 1 and 2, and four numbers for each power of two up to 2^31, the last one without its fourth."""


class SignalPcan(SignalOp):
    """input and noise [channels], table of gains [125]; output [channels]."""

    name = "SIGNAL_PCAN"
    dtypes = ("uint32",)
    inputs = range(3, 4)
    types = (("input", "uint32"), ("the noise", "uint32"), ("the table of gains", "int16"))
    results = (("output", "uint32"),)
    options = (("snr_shift", 0, 63),)

    def check_shapes(self, view: View) -> Iterable[str]:
        channels = view.input(0).elements
        yield from constants(view, 2)
        yield from has_elements(view.input(1), "the noise", channels)
        yield from has_elements(view.output(), "the output", channels)
        if view.input(2).elements < _TABLE:
            yield f"the table of gains has {view.input(2).elements} elements, expected {_TABLE}"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        arguments = (Input("input", 0, "uint32_t"), Input("noise", 1, "uint32_t"), Output("output", 0, "uint32_t"))
        table = Const("table", flat(view, 2)[:_TABLE], "gains by the noise", "int16_t")
        fields = {"channels": view.input(0).elements, "shift": view.option("snr_shift")}
        return (self.call(fields.items(), (*arguments, table)),)


OP = SignalPcan()
