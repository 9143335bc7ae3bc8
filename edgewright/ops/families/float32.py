"""What float32 operators have in common: both ends, and the clamp of a fused activation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from tflite.ActivationFunctionType import ActivationFunctionType as Activation

from edgewright.kernels.call import Input, Output, Scalar
from edgewright.ops.families import checks
from edgewright.tflite.graph import View

IN, OUT = Input("input", ctype="float"), Output("output", ctype="float")
_MOST = float(np.finfo(np.float32).max)
_BOUNDS = {
    Activation.NONE: (-_MOST, _MOST),
    Activation.RELU: (0.0, _MOST),
    Activation.RELU_N1_TO_1: (-1.0, 1.0),
    Activation.RELU6: (0.0, 6.0),
}


def float32_ends(view: View, *inputs: int) -> Iterator[str]:
    """These inputs (the first, unless told) and the output are float32."""
    for index in inputs or (0,):
        yield from checks.dtype(view.input(index), f"input {index}", "float32")
    yield from checks.dtype(view.output(), "output", "float32")


def clamp_of(view: View) -> tuple[Scalar, Scalar]:
    """Arguments for the output's clamp."""
    low, high = _BOUNDS[view.option("fused_activation_function", 0)]
    return Scalar("act_min", low, "float"), Scalar("act_max", high, "float")


def check_floats(view: View, places: Sequence[int], constants: Sequence[int]) -> Iterator[str]:
    """These inputs and the output are float32, and those of `constants` constant."""
    yield from checks.not_empty(view)
    for i in (*places, *constants):
        yield from checks.dtype(view.input(i), f"input {i}", "float32")
    for i in constants:
        yield from checks.constant(view.input(i), f"input {i}")
    yield from checks.dtype(view.output(), "output", "float32")
