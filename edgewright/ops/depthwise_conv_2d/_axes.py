"""The two axes of an image as kernels for DSP cores see them: lines, and places along a line."""

from __future__ import annotations

from dataclasses import dataclass

from edgewright.kernels.window import Window


@dataclass(frozen=True)
class Axis:
    """One axis of the image.

    Attributes:
        size, out: places of the input, and of the output.
        stride, dilation, taps, pad: of windows.
        step, out_step: bytes from a place to the next.
    """

    size: int
    out: int
    stride: int
    dilation: int
    taps: int
    pad: int
    step: int
    out_step: int

    @property
    def parts(self) -> list[int]:
        """Outputs of each of the images that a dilated window sees apart from one another."""
        return [-(-(self.out - first) // self.dilation) for first in range(min(self.dilation, self.out))]


def axes(of: Window, out_c: int) -> tuple[Axis, Axis]:
    """(down, across)."""
    row, out_row = of.in_w * of.in_c, of.out_w * out_c
    down = Axis(of.in_h, of.out_h, of.stride_h, of.dilation_h, of.k_h, of.pad_top, row, out_row)
    across = Axis(of.in_w, of.out_w, of.stride_w, of.dilation_w, of.k_w, of.pad_left, of.in_c, out_c)
    return down, across
