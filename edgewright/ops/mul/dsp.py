"""MUL for DSP cores: the constants of mul_s8_dsp.h."""

from __future__ import annotations

from edgewright.kernels.call import Call, Input, Output, Scalar
from edgewright.kernels.quant import activation_range, quantize_multiplier, zero_point
from edgewright.kernels.record import Kernel
from edgewright.ops.mul import OP, real_multiplier
from edgewright.tflite.graph import View


def unsupported(view: View, real: float) -> str | None:
    """Why the kernel cannot do the node, or None."""
    if view.input(0).shape != view.input(1).shape:
        return "broadcast"
    _, exponent = quantize_multiplier(real)
    return None if 1 <= -exponent <= 22 else f"shift {-exponent}"


def lower(view: View, real: float) -> Call:
    """The call of `ew_mul_s8_dsp`; `real` is the factor of the product."""
    multiplier, exponent = quantize_multiplier(real)
    shift, out_zp = -exponent, zero_point(view.output())
    low, high = activation_range(view.option("fused_activation_function", 0), view.output())
    shape = (
        ("count", view.output().elements),
        ("shift", shift),
        ("relu", int(low >= out_zp)),
        ("act_min", low),
        ("act_max", high),
    )
    arguments = (
        Input("a", 0),
        Input("b", 1),
        Output("output"),
        Scalar("a_zp", zero_point(view.input(0))),
        Scalar("b_zp", zero_point(view.input(1))),
        Scalar("multiplier", multiplier),
        Scalar("constant", (1 << (shift - 1)) + (out_zp << shift)),
    )
    return Call("mul_s8_dsp", "ew_mul_s8_dsp_shape", shape, arguments)


KERNELS = (
    Kernel(
        "MUL",
        ("mul_s8_dsp",),
        lambda view: (lower(view, real_multiplier(view)),),
        "dsp",
        unsupported=lambda view: unsupported(view, real_multiplier(view)),
        overlap=OP.overlap_ref,
    ),
)
