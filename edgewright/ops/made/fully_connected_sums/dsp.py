"""FULLY_CONNECTED_SUMS for DSP cores: the stream of FULLY_CONNECTED, for sums."""

from __future__ import annotations

from dataclasses import replace

from edgewright.kernels import dsp_layout
from edgewright.kernels.call import Call, Input
from edgewright.kernels.record import Kernel
from edgewright.ops.fully_connected import dsp, rounds_once
from edgewright.ops.made.fully_connected_sums import channels
from edgewright.tflite.graph import View


def lower(view: View) -> tuple[Call, ...]:
    """The call of `ew_fully_connected_sums_s8_dsp`."""
    call = dsp.lower(channels(view), view, 1)
    arguments = tuple(replace(a, ctype="int16_t") if isinstance(a, Input) else a for a in call.arguments)
    return (replace(call, kernel="fully_connected_sums_s8_dsp", arguments=arguments),)


KERNELS = (
    Kernel(
        "FULLY_CONNECTED_SUMS",
        ("fully_connected_sums_s8_dsp",),
        lower,
        "dsp",
        dtypes=("int16",),
        unsupported=lambda view: rounds_once(view) or dsp_layout.unsupported(channels(view), view),
        overlap=lambda view: {0: -view.input(0).bytes},
    ),
)
