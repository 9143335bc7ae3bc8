"""FULLY_CONNECTED_SUMS with coded weights."""

from __future__ import annotations

from dataclasses import replace

from edgewright.kernels import weight_formats
from edgewright.kernels.call import Call
from edgewright.kernels.record import Kernel
from edgewright.ops.fully_connected import stored
from edgewright.ops.made.fully_connected_sums import OP
from edgewright.tflite.graph import View


def lower(view: View) -> tuple[Call, ...]:
    """The call of `ew_fully_connected_sums_s8_coded`."""
    call = stored.lower(view, "coded", *OP.lower_ref(view))
    arguments = tuple(each for each in call.arguments if each.name != weight_formats.FOLD)
    return (replace(call, kernel="fully_connected_sums_s8_coded", arguments=arguments),)


KERNELS = (
    Kernel(
        "FULLY_CONNECTED_SUMS",
        ("fully_connected_sums_s8_coded",),
        lower,
        storage="coded",
        dtypes=("int16",),
        unsupported=lambda view: weight_formats.unsupported(lambda: lower(view)),
        overlap=lambda view: {0: view.input(1).shape[0]},
    ),
)
