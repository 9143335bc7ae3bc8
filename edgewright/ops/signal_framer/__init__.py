"""SIGNAL_FRAMER: the custom operator SignalFramer: frames that overlap, of a stream that comes step by step.

What frames share is a state of the model. A frame that is not complete yet is zeros, where TensorFlow Lite Micro leaves
what was there.
"""

from __future__ import annotations

from collections.abc import Iterable

from edgewright.kernels.call import Call, Output
from edgewright.ops.families.signal import MOST, SignalOp, ends, has_elements, has_state, rows, state
from edgewright.tflite.graph import View


class SignalFramer(SignalOp):
    """input [..., frames * step]; output [..., frames, size], whether all of them are complete []."""

    name = "SIGNAL_FRAMER"
    dtypes = ("int16",)
    inputs = range(1, 3)
    outputs = range(2, 3)
    types = (("input", "int16"),)
    results = (("output", "int16"), ("the flag", "bool"))
    options = (("frame_size", 1, MOST - 1), ("frame_step", 1, MOST - 1), ("prefill", 0, 1))

    def check_shapes(self, view: View) -> Iterable[str]:
        size, step = (int(view.option(name)) for name in ("frame_size", "frame_step"))
        yield from _faults_of_input(view, size, step) or has_elements(
            view.output(), "the output", view.input(0).elements // step * size
        )
        yield from [*has_elements(view.output(1), "the flag", 1), *has_state(view)]

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        size, step, prefill = (int(view.option(name)) for name in ("frame_size", "frame_step", "prefill"))
        fields = {"streams": rows(view.input(0)), "frames": view.input(0).shape[-1] // step, "size": size, "step": step}
        fields |= {"kept": size - step if prefill else -(-size // step) * step - step, "prefill": prefill}
        return (self.call(fields.items(), (*ends(), Output("valid", 1), state())),)


def _faults_of_input(view: View, size: int, step: int) -> list[str]:
    shape = view.input(0).shape
    if not shape or shape[-1] % step:
        return [f"the input has shape {list(shape)}, expected a whole number of steps of {step}"]
    return [f"frame_step {step} is above frame_size {size}"] if view.option("prefill") and step > size else []


OP = SignalFramer()
