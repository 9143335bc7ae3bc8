"""The same of int32 and float32."""

from __future__ import annotations

from edgewright.ops.signal_irfft import SignalIrfft

TYPED = (SignalIrfft("int32"), SignalIrfft("float32"))
