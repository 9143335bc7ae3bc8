"""SIGNAL_OVERLAP_ADD: the custom operator SignalOverlapAdd: a stream out of frames that overlap; int16 saturates.

What frames have for those to come is a state of the model.
"""

from __future__ import annotations

from collections.abc import Iterable

from edgewright.c_text import CTYPES
from edgewright.kernels.call import Call
from edgewright.ops.families.signal import MOST, TypedSignalOp, ends, has_elements, has_state, rows, state
from edgewright.tflite.graph import View

_RANK = 2


class SignalOverlapAdd(TypedSignalOp):
    """input [..., frames, size]; output [..., frames * step]."""

    name = "SIGNAL_OVERLAP_ADD"
    inputs = range(1, 3)
    options = (("frame_step", 1, MOST - 1),)

    def check_shapes(self, view: View) -> Iterable[str]:
        shape, step = view.input(0).shape, int(view.option("frame_step"))
        if len(shape) < _RANK or shape[-1] < step:
            yield f"the input has shape {list(shape)}, expected frames of at least {step}"
            return
        yield from has_elements(view.output(), "the output", rows(view.input(0)) * step)
        yield from has_state(view)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        shape, ctype = view.input(0).shape, CTYPES[self.dtypes[0]]
        fields = {"streams": rows(view.input(0)) // shape[-2], "frames": shape[-2], "size": shape[-1]}
        fields |= {"step": view.option("frame_step")}
        return (self.call(fields.items(), (*ends(ctype, ctype), state(ctype))),)


OP = SignalOverlapAdd("int16")
