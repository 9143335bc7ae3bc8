"""POW, float32: the first input to the power of the second, with broadcasting of both sides."""

from __future__ import annotations

from edgewright.ops._float32_elements import PowFloat

OP = PowFloat("POW")
