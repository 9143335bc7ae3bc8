"""ADD, int8, with broadcasting of both sides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edgewright.kernels import weighted
from edgewright.kernels.broadcast import loop_fields, same_place
from edgewright.kernels.call import Argument, Call, Input, Output, Scalar
from edgewright.kernels.core import Core
from edgewright.kernels.quant import quantize_multiplier, scale, zero_point
from edgewright.ops.add import dsp as add_dsp
from edgewright.ops.add import mve as add_mve
from edgewright.ops.add import swar as add_swar
from edgewright.ops.base import Op
from edgewright.ops.families.binary import check_binary
from edgewright.tflite.graph import View

LEFT_SHIFT = 20
"""Bits that inputs gain before they are brought to a common scale."""


class Add(Op):
    """Both inputs are brought to twice the larger scale, summed, and brought to the output's scale."""

    name = "ADD"
    versions = range(1, 6)
    inputs = range(2, 3)

    def check(self, view: View) -> Iterator[str]:
        faults = list(check_binary(view))
        yield from faults
        if not faults and max(real_multipliers(view)) >= 1.0:
            yield "the output's scale is too small for the inputs' scales"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        a, b = view.input(0), view.input(1)
        first, second, out = (quantize_multiplier(real) for real in real_multipliers(view))
        arguments: tuple[Argument, ...] = (
            Input("a", 0),
            Input("b", 1),
            Output("output"),
            *(Scalar("a_zp", zero_point(a)), Scalar("a_multiplier", first[0]), Scalar("a_shift", -first[1])),
            *(Scalar("b_zp", zero_point(b)), Scalar("b_multiplier", second[0]), Scalar("b_shift", -second[1])),
            *(Scalar("multiplier", out[0]), Scalar("shift", -out[1])),
            *weighted.output_scalars(view),
        )
        return (Call("add_s8_ref", "ew_binary_s8_shape", loop_fields(a.shape, b.shape), arguments),)

    def lower_mve(self, view: View) -> tuple[Call, ...]:
        first, second, out = (quantize_multiplier(real) for real in real_multipliers(view))
        return (add_mve.lower(view, self.lower_ref(view)[0], first, second, out),)

    def overlap(self, view: View, variant: str) -> Mapping[int, int]:
        return same_place(view)

    def lower_dsp(self, view: View) -> tuple[Call, ...]:
        return (add_dsp.lower(view, real_multipliers(view)),)

    def lower_m0(self, view: View) -> tuple[Call, ...]:
        return (add_swar.lower(view, real_multipliers(view), "m0"),)

    def lower_m3(self, view: View) -> tuple[Call, ...]:
        return (add_swar.lower(view, real_multipliers(view), "m3"),)

    def refuses(self, view: View, variant: str, core: Core) -> str | None:
        if variant in {"m0", "m3"}:
            return add_swar.refuses(view, real_multipliers(view))
        return add_dsp.refuses(view, real_multipliers(view)) if variant == "dsp" else None


def real_multipliers(view: View) -> tuple[float, float, float]:
    """Factors of first input, second input and sum."""
    a, b, out = scale(view.input(0)), scale(view.input(1)), scale(view.output())
    twice = 2 * max(a, b)
    return a / twice, b / twice, twice / ((1 << LEFT_SHIFT) * out)


OP = Add()
