"""What RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR have in common."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.ops import _check, _conv
from edgewright.ops._base import Op
from edgewright.tflite.graph import View


class Resize(Op):
    """input [n, h, w, c], size (h', w'); output [n, h', w', c] on the scale of the input."""

    versions = range(1, 5)
    inputs = range(2, 3)

    def check(self, view: View) -> Iterator[str]:
        tensor, size, output = view.input(0), view.input(1), view.output()
        faults = [*_check.not_empty(view), *_check.rank(tensor, "input", 4), *_check.rank(output, "output", 4)]
        faults += [*_check.int8(tensor, "input"), *_check.int8(output, "output")]
        faults += [*_check.constant(size, "size"), *_check.dtype(size, "size", "int32")]
        faults += _check.same_quantization(tensor, output, "input and output")
        if faults:
            yield from faults
            return
        height_width = [int(n) for n in _conv.constant_data(size).reshape(-1)]
        yield from _check.shape(output, "the output", (tensor.shape[0], *height_width, tensor.shape[3]))
        if view.option("align_corners", False) and view.option("half_pixel_centers", False):
            yield "align_corners and half_pixel_centers are both set"
