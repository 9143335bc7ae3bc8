"""SIGNAL_IRFFT: the custom operator SignalIrfft: real frames of their bins. Lengths are powers of two."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from edgewright.c_text import CTYPES
from edgewright.kernels.call import Call
from edgewright.ops.families.signal import KINDS, SignalOp, ends, fft_options, fft_tables, has_elements, rows
from edgewright.tflite.graph import View


class SignalIrfft(SignalOp):
    """input [..., length + 2]: real and imaginary parts in turn; output [..., length]."""

    name = "SIGNAL_IRFFT"

    def __init__(self, dtype: str) -> None:
        self.dtypes = (dtype,)  # type: ignore[misc]
        self.types = (("input", dtype),)
        self.results = (("output", dtype),)

    @property
    def files(self) -> tuple[str, ...]:
        return (f"signal_irfft_{KINDS[self.dtypes[0]]}_ref",)

    def check_shapes(self, view: View) -> Iterable[str]:
        faults = list(fft_options(view))
        yield from faults or _faults_of_shapes(view)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        length, dtype = int(view.option("fft_length")), self.dtypes[0]
        fields = {"frames": rows(view.input(0)), "count": length, "log2": length.bit_length() - 2}
        tables = fft_tables(length, dtype, inverse=True)
        return (self.call(fields.items(), (*ends(CTYPES[dtype], CTYPES[dtype]), *tables), "signal_fft"),)


def _faults_of_shapes(view: View) -> Iterator[str]:
    length, source = int(view.option("fft_length")), view.input(0)
    if not source.shape or source.shape[-1] != length + 2:
        yield f"the input has shape {list(source.shape)}, expected {length + 2} numbers a frame"
    else:
        yield from has_elements(view.output(), "the output", rows(source) * length)


OP = SignalIrfft("int16")
