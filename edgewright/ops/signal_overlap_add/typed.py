"""The same of float32."""

from __future__ import annotations

from edgewright.ops.signal_overlap_add import SignalOverlapAdd

TYPED = (SignalOverlapAdd("float32"),)
