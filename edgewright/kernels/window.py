"""Windows over images: geometry of convolutions and pooling, and how far input and output may overlap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tflite.Padding import Padding

from edgewright.tflite.graph import Tensor, View

FIELDS = (
    "in_h", "in_w", "in_c", "out_h", "out_w", "k_h", "k_w", "stride_h", "stride_w", "dilation_h", "dilation_w",
    "pad_top", "pad_left",
)  # fmt: skip


MAX_SPAN = 1 << 14
"""Largest window and stride: far beyond use, and no product of places overflows int32."""


@dataclass(frozen=True)
class Window:
    """The C struct `ew_window`."""

    in_h: int
    in_w: int
    in_c: int
    out_h: int
    out_w: int
    k_h: int
    k_w: int
    stride_h: int = 1
    stride_w: int = 1
    dilation_h: int = 1
    dilation_w: int = 1
    pad_top: int = 0
    pad_left: int = 0

    @property
    def fields(self) -> tuple[tuple[str, int], ...]:
        """Fields for `Call.shape`."""
        return tuple((f"window.{name}", getattr(self, name)) for name in FIELDS)

    @property
    def taps(self) -> int:
        """Pixels in a window."""
        return self.k_h * self.k_w

    @property
    def pixels(self) -> int:
        """Pixels of an output image."""
        return self.out_h * self.out_w

    @property
    def is_pointwise(self) -> bool:
        """One pixel in, the same pixel out."""
        return self.taps == self.stride_h == self.stride_w == 1 and self.pad_top == self.pad_left == 0

    def first_pixels(self) -> NDArray[np.int64]:
        """For each output pixel in raster order, the lowest input pixel of its window that lies in the image."""
        rows = _first_inside(self.out_h, self.stride_h, self.pad_top, self.dilation_h)
        columns = _first_inside(self.out_w, self.stride_w, self.pad_left, self.dilation_w)
        return (rows[:, None] * self.in_w + columns[None, :]).reshape(-1)


def _first_inside(count: int, stride: int, pad: int, dilation: int) -> NDArray[np.int64]:
    start = np.arange(count, dtype=np.int64) * stride - pad
    return np.where(start < 0, start % dilation, start)


def output_size(size: int, kernel: int, stride: int, dilation: int, padding: int) -> int:
    """Rows or columns of the output, by the schema's padding."""
    span = (kernel - 1) * dilation + 1
    return -(-size // stride) if padding == Padding.SAME else max(0, (size - span + stride) // stride)


def read_window(view: View, k_h: int, k_w: int) -> Window:
    """The window of a node with a 4-D input and output; `k_h`, `k_w` its size in pixels."""
    _, in_h, in_w, in_c = view.input(0).shape
    _, out_h, out_w, _ = view.output().shape
    stride_h, stride_w = view.option("stride_h", 1), view.option("stride_w", 1)
    dilation_h, dilation_w = view.option("dilation_h_factor", 1), view.option("dilation_w_factor", 1)
    explicit = view.option("explicit_padding")
    top = explicit[0] if explicit else _pad(view, in_h, out_h, k_h, stride_h, dilation_h)
    left = explicit[2] if explicit else _pad(view, in_w, out_w, k_w, stride_w, dilation_w)
    return Window(in_h, in_w, in_c, out_h, out_w, k_h, k_w, stride_h, stride_w, dilation_h, dilation_w, top, left)


def _pad(view: View, size: int, out: int, kernel: int, stride: int, dilation: int) -> int:
    if view.option("padding", Padding.SAME) != Padding.SAME:
        return 0
    return int(max(0, (out - 1) * stride + (kernel - 1) * dilation + 1 - size) // 2)


def check_window(view: View, k_h: int, k_w: int, output: Tensor) -> Iterator[str]:
    """Strides and dilations are sound and the output's size is what they give."""
    names = ("stride_h", "stride_w", "dilation_h_factor", "dilation_w_factor")
    wrong = [name for name in names if view.option(name, 1) < 1]
    if wrong or min(k_h, k_w) < 1:
        yield f"{', '.join(wrong) or 'the window'} must be at least 1"
        return
    spans = [(k - 1) * view.option(f"dilation_{axis}_factor", 1) + 1 for axis, k in (("h", k_h), ("w", k_w))]
    if max(*spans, view.option("stride_h", 1), view.option("stride_w", 1)) > MAX_SPAN:
        yield f"the window or its stride is larger than {MAX_SPAN}"
        return
    expected = [
        _expected(view, axis, kernel, size)
        for axis, kernel, size in (("h", k_h, view.input(0).shape[1]), ("w", k_w, view.input(0).shape[2]))
    ]
    if list(output.shape[1:3]) != expected:
        yield f"the output is {list(output.shape[1:3])} pixels, the window gives {expected}"


def _expected(view: View, axis: str, kernel: int, size: int) -> int:
    stride, dilation = view.option(f"stride_{axis}", 1), view.option(f"dilation_{axis}_factor", 1)
    explicit = view.option("explicit_padding")
    if explicit:
        before, after = explicit[:2] if axis == "h" else explicit[2:]
        return output_size(size + before + after, kernel, stride, dilation, Padding.VALID)
    return output_size(size, kernel, stride, dilation, view.option("padding", Padding.SAME))
