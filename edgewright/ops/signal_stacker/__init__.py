"""SIGNAL_STACKER: the custom operator SignalStacker: a frame together with those before and after it.

The frames before are a state of the model. A stack that is not complete yet is zeros, where TensorFlow Lite Micro
leaves what was there.
"""

from __future__ import annotations

from collections.abc import Iterable

from edgewright.kernels.call import Call, Output
from edgewright.ops.families.signal import MOST, SignalOp, ends, has_elements, has_state, state
from edgewright.tflite.graph import View

_NAMES = ("num_channels", "stacker_left_context", "stacker_right_context", "stacker_step")


class SignalStacker(SignalOp):
    """input [channels]; output [frames * channels], whether it is complete []."""

    name = "SIGNAL_STACKER"
    dtypes = ("int16",)
    inputs = range(1, 3)
    outputs = range(2, 3)
    types = (("input", "int16"),)
    results = (("output", "int16"), ("the flag", "bool"))
    options = tuple((name, low, MOST // 4) for name, low in zip(_NAMES, (1, 0, 0, 1), strict=True))

    def check_shapes(self, view: View) -> Iterable[str]:
        channels, left, right, step = (int(view.option(name)) for name in _NAMES)
        frames = left + right + 1
        yield from has_elements(view.input(0), "the input", channels)
        yield from has_elements(view.output(), "the output", channels * frames)
        yield from has_elements(view.output(1), "the flag", 1)
        yield from has_state(view)
        if step > frames:
            yield f"stacker_step {step} is above the {frames} frames of a stack"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        channels, left, right, step = (int(view.option(name)) for name in _NAMES)
        fields = {"channels": channels, "left": left, "frames": left + right + 1, "step": step}
        return (self.call(fields.items(), (*ends(), Output("valid", 1), state())),)


OP = SignalStacker()
