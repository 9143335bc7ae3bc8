"""int16 FULLY_CONNECTED for Helium: what fully_connected_s16_mve.h takes."""

from __future__ import annotations

from edgewright.kernels import mve_layout, mve_wide
from edgewright.kernels.call import Call, Const
from edgewright.kernels.record import Kernel
from edgewright.ops.families.int16 import IN, OUT, act_limits
from edgewright.ops.fully_connected.int16_dsp import channels, unsupported
from edgewright.ops.fully_connected.mve import blocks
from edgewright.tflite.graph import View


def _lower(view: View) -> tuple[Call, ...]:
    of, (low, high) = channels(view), act_limits(view)
    out_c, depth = of.weights.shape
    rows = view.output().elements // out_c
    shape = (("rows", rows), ("depth", depth), ("out_c", out_c), ("act_min", low), ("act_max", high))
    weights = Const("weights", blocks(of.weights, mve_wide.VALUES), "weights of 4 channels")
    quads = rows * -(-out_c // mve_layout.LANES)
    work = {"step": quads * -(-depth // mve_wide.VALUES), "quad": quads}
    arguments = (IN, OUT, weights, mve_wide.factors(of))
    return (Call("fully_connected_s16_mve", "ew_fully_connected_s16_mve_shape", shape, arguments, work=work),)


KERNELS = (
    Kernel(
        "FULLY_CONNECTED",
        ("fully_connected_s16_mve",),
        _lower,
        "mve",
        dtypes=("int16",),
        unsupported=unsupported,
    ),
)
