"""SIGNAL_IRFFT: the custom operator SignalIrfft: real frames of their bins. Lengths are powers of two."""

from __future__ import annotations

from collections.abc import Iterable

from edgewright.ops.families.signal import Transform, has_elements, rows
from edgewright.tflite.graph import View


class SignalIrfft(Transform):
    """input [..., length + 2]: real and imaginary parts in turn; output [..., length]."""

    name = "SIGNAL_IRFFT"
    inverse = True

    def check_frames(self, view: View, length: int) -> Iterable[str]:
        source = view.input(0)
        if not source.shape or source.shape[-1] != length + 2:
            yield f"the input has shape {list(source.shape)}, expected {length + 2} numbers a frame"
        else:
            yield from has_elements(view.output(), "the output", rows(source) * length)


OP = SignalIrfft("int16")
