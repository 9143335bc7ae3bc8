"""ADD for cores without DSP instructions: the table and factors of add_s8_swar.h."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from edgewright.kernels.call import Argument, Call, Const, Input, Output
from edgewright.kernels.quant import activation_range, quantize_multiplier, requantize, wrap32, zero_point
from edgewright.kernels.record import Kernel
from edgewright.kernels.weighted import output_scalars
from edgewright.ops.add import OP, real_multipliers
from edgewright.tflite.graph import View

_HALF = (1 << 30, 0)
_LEFT_SHIFT = 20
_SATURATE, _CLAMP = range(2)


def unsupported(view: View, reals: Sequence[float]) -> str | None:
    """Why the kernel cannot do the node, or None."""
    if view.input(0).shape != view.input(1).shape:
        return "broadcast"
    first, second, (_, exponent) = (quantize_multiplier(real) for real in reals)
    if _HALF not in {first, second}:
        return "no input has the factor 1/2"
    if not 2 <= -exponent <= 24:
        return f"shift {-exponent}"
    return None


def lower(view: View, reals: Sequence[float], variant: str) -> Call:
    """The call of `ew_add_s8_<variant>`.

    Args:
        view: node.
        reals: factors of first input, second input and sum.
        variant: "m0" or "m3".
    """
    factors = [quantize_multiplier(real) for real in reals]
    a, b = (0, 1) if factors[0] == _HALF else (1, 0)
    low, high = activation_range(view.option("fused_activation_function", 0), view.output())
    out_zp = zero_point(view.output())
    shape = (
        ("count", view.output().elements),
        ("finish", _SATURATE if (low, high) == (-128, 127) else _CLAMP),
        ("ties", int(low < out_zp)),
    )
    multiplier, shift = factors[2][0], -factors[2][1]
    finish = np.array([0, multiplier, (1 << (shift - 2)) + (out_zp << (shift - 1)), shift - 1], np.int32)
    offset = zero_point(view.input(a)) << (_LEFT_SHIFT - 1)
    zero = zero_point(view.input(b))
    values = [*range(128), *range(-128, 0)]
    table = [requantize((x - zero) << _LEFT_SHIFT, *factors[b]) - offset for x in values]
    arguments: tuple[Argument, ...] = (
        Input("a", a),
        Input("b", b),
        Output("output"),
        Const("table", np.array([wrap32(x) for x in table], np.int32), "second input, scaled", "int32_t"),
        Const("factors", finish, "0, multiplier, addend, shift", "int32_t"),
        *output_scalars(view)[1:],
    )
    return Call(f"add_s8_{variant}", "ew_add_s8_swar_shape", shape, arguments)


def _kernel(isa: str) -> Kernel:
    return Kernel(
        "ADD",
        (f"add_s8_{isa}",),
        lambda view: (lower(view, real_multipliers(view), isa),),
        isa,
        unsupported=lambda view: unsupported(view, real_multipliers(view)),
        overlap=OP.overlap_ref,
    )


KERNELS = (_kernel("m3"), _kernel("m0"))
