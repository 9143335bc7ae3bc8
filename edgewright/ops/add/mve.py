"""ADD for Helium: what add_s8_mve.h takes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels.call import Call
from edgewright.kernels.quant import activation_range, quantize_multiplier, requantize, zero_point
from edgewright.kernels.record import Kernel
from edgewright.ops.add import OP, real_multipliers
from edgewright.tflite.graph import Tensor, View

_LEFT_SHIFT = 20
_INT8 = np.arange(-128, 128)

Factor = tuple[int, int]
"""Multiplier and exponent."""


def lower(view: View) -> tuple[Call, ...]:
    """The call of `ew_add_s8_mve`."""
    (ref,) = OP.lower_ref(view)
    first, second, out = (quantize_multiplier(real) for real in real_multipliers(view))
    a, b = (scaled(view.input(i), factor) for i, factor in enumerate((first, second)))
    low, high = activation_range(view.option("fused_activation_function", 0), view.output())
    shape = (
        *((f"loops.{name}", value) for name, value in ref.shape),
        ("a_half", int(first == (1 << 30, 0))),
        ("b_half", int(second == (1 << 30, 0))),
        ("ties", int(has_ties(a, b, out))),
        ("whole", int((low, high) == (-128, 127))),
    )
    return (Call("add_s8_mve", "ew_add_s8_mve_shape", shape, ref.arguments),)


def scaled(tensor: Tensor, factor: Factor) -> NDArray[np.int64]:
    """Each int8 value, from -128 on, on the common scale."""
    return np.array([requantize(int(x - zero_point(tensor)) << _LEFT_SHIFT, *factor) for x in _INT8], np.int64)


def has_ties(a: NDArray[np.int64], b: NDArray[np.int64], out: Factor) -> bool:
    """Whether any two values have a negative sum that lies halfway between two outputs.

    Only there it matters whether halves are rounded up or away from zero.
    """
    multiplier, exponent = out
    if exponent >= 0:
        return False
    sums = np.unique(a[:, None] + b[None, :])
    high = (sums * multiplier + (1 << 30)) >> 31
    half = 1 << (-exponent - 1)
    return bool(np.any((high < 0) & (high & (2 * half - 1) == half)))


KERNELS = (Kernel("ADD", ("add_s8_mve",), lower, "mve", overlap=OP.overlap_ref),)
