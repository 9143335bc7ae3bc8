"""RSQRT, int16."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.kernels.call import Call, Scalar
from edgewright.kernels.quant import quantize_multiplier
from edgewright.ops.base import Op
from edgewright.ops.families.elements_int16 import UnaryInt16
from edgewright.ops.families.int16 import IN, OUT
from edgewright.ops.rsqrt import rsqrt_real
from edgewright.tflite.graph import View

_RSQRT_EXPONENTS = -11, 30


class RsqrtInt16(UnaryInt16):
    """1 / sqrt(x) of the whole number, then the factor of the scales; of 0 and below 32767.

    LiteRT interpolates in a table of 513 entries instead: what it says of small numbers is far off.
    """

    name = "RSQRT"
    files = ("rsqrt_s16_ref",)

    def check_scales(self, view: View) -> Iterator[str]:
        if not _RSQRT_EXPONENTS[0] <= quantize_multiplier(rsqrt_real(view))[1] <= _RSQRT_EXPONENTS[1]:
            yield "the output's scale does not fit the input's"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        multiplier, exponent = quantize_multiplier(rsqrt_real(view))
        arguments = (IN, OUT, Scalar("multiplier", multiplier), Scalar("shift", -exponent))
        return (Call("rsqrt_s16_ref", "ew_rsqrt_s16_shape", (("count", view.output().elements),), arguments),)


TYPED: tuple[Op, ...] = (RsqrtInt16(),)
