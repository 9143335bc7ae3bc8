"""SIGNAL_FILTER_BANK_SPECTRAL_SUBTRACTION: the custom operator SignalFilterBankSpectralSubtraction: less the noise.

The noise of each channel, a smoothed mean, is a state of the model.
"""

from __future__ import annotations

from collections.abc import Iterable

from edgewright.kernels.call import Call, Output
from edgewright.ops.families.signal import SignalOp, ends, has_elements, has_state, state
from edgewright.tflite.graph import View

_MOST = (1 << 31) - 1
_SHARES = ("smoothing", "alternate_smoothing", "one_minus_smoothing", "alternate_one_minus_smoothing")


class SignalFilterBankSpectralSubtraction(SignalOp):
    """input [channels]; output and noise [channels]."""

    name = "SIGNAL_FILTER_BANK_SPECTRAL_SUBTRACTION"
    dtypes = ("uint32",)
    inputs = range(1, 3)
    outputs = range(2, 3)
    types = (("input", "uint32"),)
    results = (("output", "uint32"), ("the noise", "uint32"))
    options = (
        *((name, 0, _MOST) for name in (*_SHARES, "min_signal_remaining")),
        ("smoothing_bits", 0, 31),
        ("spectral_subtraction_bits", 0, 31),
        ("num_channels", 1, _MOST),
        ("clamping", 0, 1),
    )

    def check_shapes(self, view: View) -> Iterable[str]:
        for tensor, what in (
            (view.input(0), "the input"),
            (view.output(), "the output"),
            (view.output(1), "the noise"),
        ):
            yield from has_elements(tensor, what, view.option("num_channels"))
        yield from has_state(view)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        names = ("num_channels", *_SHARES, "min_signal_remaining", "spectral_subtraction_bits", "smoothing_bits")
        values = [int(view.option(name)) for name in (*names, "clamping")]
        fields = ("channels", "even", "odd", "even_kept", "odd_kept", "least", "share_bits", "bits")
        arguments = (*ends("uint32_t", "uint32_t"), Output("noise", 1, "uint32_t"), state("uint32_t"))
        shape = zip((*fields, "clamping"), values, strict=True)
        return (self.call(shape, arguments, "signal_spectral_subtraction"),)


OP = SignalFilterBankSpectralSubtraction()
