"""float32 CONV_2D and its kin.

Sums go in the order of TensorFlow Lite Micro's kernels: the bits are the same where the C compiler fuses no
multiplications and additions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels.call import Argument, Call, Const
from edgewright.kernels.constant import constant_data
from edgewright.kernels.record import Kernel
from edgewright.kernels.window import Window
from edgewright.ops.base import Op
from edgewright.ops.families import checks, weight_checks
from edgewright.ops.families.float32 import IN, OUT, clamp_of
from edgewright.tflite.graph import View


class WeightedFloat(Op):
    """Inputs (input, weights, bias or none), weights and bias constant; one kernel for three operators."""

    dtypes = ("float32",)
    files: tuple[str, ...] = ("conv_2d_f32_ref",)

    def check_numbers(self, view: View, count: int) -> Iterator[str]:
        """Weights and bias, for `view` with inputs in the order above."""
        yield from checks.dtype(view.input(1), "weights", "float32")
        yield from checks.constant(view.input(1), "weights")
        bias = view.optional_input(2)
        if bias is not None:
            yield from weight_checks.check_bias(bias, count, "float32")

    def constants(self, view: View, weights: NDArray[np.generic]) -> tuple[Argument, ...]:
        """Arguments behind input and output, for weights (channels, taps)."""
        bias = view.optional_input(2)
        raw = np.zeros(len(weights), np.float32) if bias is None else constant_data(bias).reshape(-1)
        flat = np.ascontiguousarray(weights).reshape(-1)
        return (Const("weights", flat, "weights", "float"), Const("bias", raw, "biases", "float"), *clamp_of(view))

    def call(self, view: View, of: Window, groups: int, weights: NDArray[np.generic], batches: int) -> Call:
        """The call of the shared kernel."""
        shape = (("batches", batches), *of.fields, ("out_c", len(weights)), ("groups", groups))
        arguments = (IN, OUT, *self.constants(view, weights))
        return Call("conv_2d_f32_ref", "ew_conv_2d_f32_shape", shape, arguments, work=self._work(view))

    def quads(self, view: View, of: Window, weights: NDArray[np.generic], batches: int) -> Call:
        """The call of the kernel for four channels at a time, of a convolution without groups."""
        _, bias, *clamp = self.constants(view, weights)
        padded = np.pad(weights, ((0, -len(weights) % _QUAD), (0, 0))).reshape(-1, _QUAD, weights.shape[1])
        blocks = np.ascontiguousarray(padded.transpose(0, 2, 1)).reshape(-1)
        shape = (("batches", batches), *of.fields, ("out_c", len(weights)))
        arguments = (IN, OUT, Const("weights", blocks, "weights of 4 channels", "float"), bias, *clamp)
        return Call("conv_2d_f32_quads", "ew_conv_2d_f32_quads_shape", shape, arguments, work=self._work(view))

    def _work(self, view: View) -> dict[str, float]:
        return {"mac": self.macs(view), "output": view.output().elements}


def quads_record(op: str, unsupported: Callable[[View], str | None], lower: Callable[[View], Call]) -> Kernel:
    """The kernel for four channels at a time of an operator."""
    return Kernel(
        op,
        ("conv_2d_f32_quads",),
        lambda view: (lower(view),),
        algorithm="quads",
        dtypes=("float32",),
        unsupported=unsupported,
    )


_QUAD = 4
