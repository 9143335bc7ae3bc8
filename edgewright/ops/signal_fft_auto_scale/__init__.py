"""SIGNAL_FFT_AUTO_SCALE: the custom operator SignalFftAutoScale: a frame as large as int16 holds."""

from __future__ import annotations

from collections.abc import Iterable

from edgewright.kernels.call import Call, Output
from edgewright.ops.families.signal import SignalOp, ends, has_elements
from edgewright.tflite.graph import View


class SignalFftAutoScale(SignalOp):
    """input [count]; output [count], scale []."""

    name = "SIGNAL_FFT_AUTO_SCALE"
    dtypes = ("int16",)
    outputs = range(2, 3)
    types = (("input", "int16"),)
    results = (("output", "int16"), ("the scale", "int32"))

    def check_shapes(self, view: View) -> Iterable[str]:
        yield from has_elements(view.output(), "the output", view.input(0).elements)
        yield from has_elements(view.output(1), "the scale", 1)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        fields = {"count": view.input(0).elements}
        return (self.call(fields.items(), (*ends(), Output("scale", 1, "int32_t"))),)


OP = SignalFftAutoScale()
