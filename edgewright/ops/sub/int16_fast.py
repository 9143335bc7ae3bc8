"""int16 SUB for DSP cores and Helium: ADD's kernels that take one input away."""

from __future__ import annotations

from edgewright.ops.add.int16_fast import record

KERNELS = (record("dsp", subtract=True), record("mve", subtract=True))
