"""SIGNAL_DELAY: the custom operator SignalDelay: a stream, so many samples later. What is on its way is a state."""

from __future__ import annotations

from collections.abc import Iterable

from edgewright.kernels.call import Call
from edgewright.ops.families.signal import MOST, SignalOp, ends, has_elements, has_state, rows, state
from edgewright.tflite.graph import View


class SignalDelay(SignalOp):
    """input [..., count]; output as the input."""

    name = "SIGNAL_DELAY"
    dtypes = ("int16",)
    inputs = range(1, 3)
    types = (("input", "int16"),)
    results = (("output", "int16"),)
    options = (("delay_length", 0, MOST - 1),)

    def check_shapes(self, view: View) -> Iterable[str]:
        yield from has_elements(view.output(), "the output", view.input(0).elements)
        yield from has_state(view)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        fields = {
            "streams": rows(view.input(0)),
            "count": view.input(0).shape[-1],
            "delay": view.option("delay_length"),
        }
        return (self.call(fields.items(), (*ends(), state())),)


OP = SignalDelay()
