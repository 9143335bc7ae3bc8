"""SIGNAL_WINDOW: the custom operator SignalWindow: frames times a window, brought down by a shift."""

from __future__ import annotations

from collections.abc import Iterable

from edgewright.kernels.call import Call, Const
from edgewright.ops.families.signal import SignalOp, constants, ends, flat, has_elements
from edgewright.tflite.graph import View


class SignalWindow(SignalOp):
    """input [..., count], weights [count]; output as the input."""

    name = "SIGNAL_WINDOW"
    dtypes = ("int16",)
    inputs = range(2, 3)
    types = (("input", "int16"), ("weights", "int16"))
    results = (("output", "int16"),)
    options = (("shift", 0, 31),)

    def check_shapes(self, view: View) -> Iterable[str]:
        source, weights = view.input(0), view.input(1)
        yield from constants(view, 1)
        yield from has_elements(view.output(), "the output", source.elements)
        if source.elements % weights.elements:
            yield f"{source.elements} samples are no whole number of windows of {weights.elements}"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        count = view.input(1).elements
        fields = {"frames": view.input(0).elements // count, "count": count, "shift": view.option("shift")}
        return (self.call(fields.items(), (*ends(), Const("weights", flat(view, 1), "the window", "int16_t"))),)

    def in_place(self, view: View, variant: str) -> int | None:
        return 0


OP = SignalWindow()
