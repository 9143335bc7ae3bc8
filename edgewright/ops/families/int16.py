"""What int16 operators have in common: both ends without zero points, and the clamp of a fused activation."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.kernels.call import Input, Output, Scalar
from edgewright.kernels.quant import activation_range
from edgewright.ops.families import checks
from edgewright.tflite.graph import Tensor, View

LOW, HIGH = -(1 << 15), (1 << 15) - 1
IN, OUT = Input("input", ctype="int16_t"), Output("output", ctype="int16_t")
PAIR = (Input("a", 0, "int16_t"), Input("b", 1, "int16_t"), OUT)


def int16(tensor: Tensor, what: str) -> Iterator[str]:
    """The tensor is int16 with one scale and the zero point 0."""
    yield from checks.dtype(tensor, what, "int16")
    yield from checks.one_scale(tensor, what)
    if tensor.quantization is not None and tensor.quantization.zero_point:
        yield f"{what} has a zero point other than 0"


def int16_end(view: View, index: int = 0) -> Iterator[str]:
    """Input `index` and the output are int16."""
    yield from int16(view.input(index), "input")
    yield from int16(view.output(), "output")


def act_limits(view: View) -> tuple[int, int]:
    """(lowest, highest) output under a fused activation."""
    return activation_range(view.option("fused_activation_function", 0), view.output(), (LOW, HIGH))


def act_scalars(view: View) -> tuple[Scalar, ...]:
    """Arguments for the output's clamp."""
    low, high = act_limits(view)
    return (Scalar("act_min", low), Scalar("act_max", high))
