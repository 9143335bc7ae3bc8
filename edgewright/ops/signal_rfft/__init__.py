"""SIGNAL_RFFT: the custom operator SignalRfft: bins of real frames. Lengths are powers of two.

Zeros stand behind a frame that is shorter.
"""

from __future__ import annotations

from collections.abc import Iterable

from edgewright.ops.families.signal import Transform, has_elements, rows
from edgewright.tflite.graph import View


class SignalRfft(Transform):
    """input [..., count]; output [..., length + 2]: real and imaginary parts in turn."""

    name = "SIGNAL_RFFT"
    inverse = False

    def check_frames(self, view: View, length: int) -> Iterable[str]:
        source = view.input(0)
        if not source.shape or source.shape[-1] > length:
            yield f"the input has shape {list(source.shape)}, supported: up to {length} samples a frame"
        else:
            yield from has_elements(view.output(), "the output", rows(source) * (length + 2))


OP = SignalRfft("int16")
