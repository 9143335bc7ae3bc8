"""int16 RELU, RELU6 and LEAKY_RELU for DSP cores and Helium: the constants of rescale_s16_dsp.h."""

from __future__ import annotations

from functools import partial

from edgewright.kernels.call import Call, Scalar
from edgewright.kernels.record import Kernel
from edgewright.ops.families.elements_int16 import RescaleInt16
from edgewright.ops.families.int16 import IN, OUT
from edgewright.tflite.graph import View

_ONE = (1 << 30, 1)
"""(multiplier, exponent) of a factor of 1."""
_MOST_LEFT, _MOST_RIGHT = 14, 22


def records(op: RescaleInt16) -> tuple[Kernel, ...]:
    """The kernels of an operator."""
    return tuple(
        Kernel(
            op.name,
            (f"rescale_s16_{isa}",),
            partial(_lower, op, isa),
            isa,
            dtypes=("int16",),
            unsupported=partial(_unsupported, op),
            overlap=op.overlap_ref,
        )
        for isa in ("dsp", "mve")
    )


def _unsupported(op: RescaleInt16, view: View) -> str | None:
    outside = [exponent for _, exponent in op.pairs(view) if not -_MOST_RIGHT <= exponent <= _MOST_LEFT]
    return f"shift {-outside[0]}" if outside else None


def _lower(op: RescaleInt16, isa: str, view: View) -> tuple[Call, ...]:
    (of, below), (low, high) = op.pairs(view), op.bounds(view)
    plain = not op.rescales(view)
    shape = (
        ("count", view.output().elements),
        ("same", int(plain or of == _ONE)),
        ("below_same", int(plain or below == _ONE)),
        ("left", 1 + max(of[1], 0)),
        ("below_left", 1 + max(below[1], 0)),
        ("shift", max(-of[1], 0)),
        ("below_shift", max(-below[1], 0)),
        ("half", _half(of, 0)),
        ("below_half", _half(below, int(below[0] >= 0))),
    )
    scalars = (Scalar("multiplier", of[0]), Scalar("below_multiplier", below[0]))
    arguments = (IN, OUT, *scalars, Scalar("act_min", low), Scalar("act_max", high))
    return (Call(f"rescale_s16_{isa}", f"ew_rescale_s16_{isa}_shape", shape, arguments),)


def _half(factor: tuple[int, int], less: int) -> int:
    """What is added before the shift, of which `less` rounds halves of numbers below 0 away from it."""
    return (1 << (-factor[1] - 1)) - less if factor[1] < 0 else 0
