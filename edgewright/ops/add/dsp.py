"""ADD and SUB for DSP cores: which input is which, and the constants of add_s8_dsp.h."""

from __future__ import annotations

from collections.abc import Sequence

from edgewright.kernels.call import Call, Input, Output, Scalar
from edgewright.kernels.quant import activation_range, quantize_multiplier, zero_point
from edgewright.kernels.record import Kernel
from edgewright.ops.add import OP, real_multipliers
from edgewright.tflite.graph import View

HALF = (1 << 30, 0)
"""(multiplier, exponent) of 1/2, the factor of the input with the larger scale."""


def unsupported(view: View, reals: Sequence[float]) -> str | None:
    """Why the kernel cannot do the node, or None."""
    if view.input(0).shape != view.input(1).shape:
        return "broadcast"
    first, second, (_, exponent) = (quantize_multiplier(real) for real in reals)
    if HALF not in (first, second):
        return "no input has the factor 1/2"
    if not 1 <= -exponent <= 22:
        return f"shift {-exponent}"
    return None


def lower(view: View, reals: Sequence[float], *, subtract: bool = False) -> Call:
    """The call of `ew_add_s8_dsp` or `ew_sub_s8_dsp`.

    Args:
        view: node.
        reals: factors of first input, second input and sum.
        subtract: take the second input away.
    """
    factors = [quantize_multiplier(real) for real in reals]
    a, b = (0, 1) if factors[0] == HALF else (1, 0)
    multiplier, shift, out_zp = factors[2][0], -factors[2][1], zero_point(view.output())
    low, high = activation_range(view.option("fused_activation_function", 0), view.output())
    shape = (
        ("count", view.output().elements),
        ("b_shift", -factors[b][1]),
        ("shift", shift),
        ("relu", int(low >= out_zp)),
        ("act_min", low),
        ("act_max", high),
        ("a_minus", int(subtract and a == 1)),
        ("b_minus", int(subtract and b == 1)),
    )
    arguments = (
        Input("a", a),
        Input("b", b),
        Output("output"),
        Scalar("a_zp", zero_point(view.input(a))),
        Scalar("b_zp", zero_point(view.input(b))),
        Scalar("b_multiplier", factors[b][0]),
        Scalar("multiplier", multiplier),
        Scalar("constant", (1 << (shift - 1)) + (out_zp << shift)),
    )
    return Call(f"{'sub' if subtract else 'add'}_s8_dsp", "ew_add_s8_dsp_shape", shape, arguments)


KERNELS = (
    Kernel(
        "ADD",
        ("add_s8_dsp",),
        lambda view: (lower(view, real_multipliers(view)),),
        "dsp",
        unsupported=lambda view: unsupported(view, real_multipliers(view)),
        overlap=OP.overlap_ref,
    ),
)
