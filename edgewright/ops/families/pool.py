"""What AVERAGE_POOL_2D and MAX_POOL_2D have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from edgewright.kernels.call import Argument, Call, Input, Output, Scalar
from edgewright.kernels.overlap import needed_later, write_distance
from edgewright.kernels.quant import activation_range, quantization
from edgewright.kernels.record import Kernel
from edgewright.kernels.window import Window, read_window
from edgewright.ops.base import Op
from edgewright.ops.families import checks, shape_checks
from edgewright.tflite.graph import View

_SCALE_TOLERANCE = 1e-6
"""As far apart as TensorFlow Lite Micro lets the scales of input and output be."""


MAX_TAPS = 1 << 23
"""More would overflow the sum."""


class Pool(Op):
    """input [n, h, w, c], output [n, h', w', c] on the same scale."""

    versions = range(1, 4)

    def check(self, view: View) -> Iterator[str]:
        tensors = ((view.input(0), "input"), (view.output(), "output"))
        faults = [
            fault for tensor, what in tensors for fault in (*checks.rank(tensor, what, 4), *checks.int8(tensor, what))
        ]
        faults += [*checks.not_empty(view), *checks.activation(view)]
        if faults:
            yield from faults
            return
        yield from shape_checks.pooled(view, MAX_TAPS)
        a, b = quantization(view.input(0)), quantization(view.output())
        if abs(a.scale - b.scale) > _SCALE_TOLERANCE or a.zero_point != b.zero_point:
            yield "input and output differ in scale or zero point"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        low, high = activation_range(view.option("fused_activation_function", 0), view.output())
        shape = (("batches", view.input(0).shape[0]), *window(view).fields)
        arguments: tuple[Argument, ...] = (
            Input("input"),
            Output("output"),
            Scalar("act_min", low),
            Scalar("act_max", high),
        )
        return (Call(self.files[0], "ew_pool_2d_s8_shape", shape, arguments),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        """Each channel of a pixel is written when its window is read; later channels still read the window."""
        of = window(view)
        batches = np.arange(view.input(0).shape[0])[:, None]
        first = (batches * (of.in_h * of.in_w) + of.first_pixels()).reshape(-1) * of.in_c
        before = (
            np.arange(len(first)) * of.in_c
        )  # while channel c is written at before + c, the window is read from first + c
        inside = [write_distance(before, first)] if of.in_c > 1 else []
        return {0: max(write_distance(before + of.in_c, needed_later(first)), *inside, -view.input(0).bytes)}


def renamed(op: Pool, isa: str, unsupported: Callable[[View], str | None] = lambda _: None) -> Kernel:
    """A kernel of an instruction set that takes what the portable one takes."""
    stem = f"{op.name.lower()}_s8_{isa}"

    def lower(view: View) -> tuple[Call, ...]:
        return tuple(replace(call, kernel=stem) for call in op.lower_ref(view))

    return Kernel(op.name, (stem,), lower, isa, unsupported=unsupported, overlap=op.overlap_ref)


def window(view: View) -> Window:
    """The node's window."""
    return read_window(view, view.option("filter_height"), view.option("filter_width"))
