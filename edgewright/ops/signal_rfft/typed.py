"""The same of int32 and float32."""

from __future__ import annotations

from edgewright.ops.signal_rfft import SignalRfft

TYPED = (SignalRfft("int32"), SignalRfft("float32"))
