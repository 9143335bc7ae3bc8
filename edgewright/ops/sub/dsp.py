"""SUB for DSP cores: ADD's kernel that takes one input away."""

from __future__ import annotations

from edgewright.kernels.record import Kernel
from edgewright.ops.add import dsp, real_multipliers
from edgewright.ops.sub import OP

KERNELS = (
    Kernel(
        "SUB",
        ("sub_s8_dsp",),
        lambda view: (dsp.lower(view, real_multipliers(view), subtract=True),),
        "dsp",
        unsupported=lambda view: dsp.unsupported(view, real_multipliers(view)),
        overlap=OP.overlap_ref,
    ),
)
