"""What RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR have in common."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from edgewright.kernels.constant import constant_data
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.tflite.graph import Tensor, View


class Resize(Op):
    """input [n, h, w, c], size (h', w'); output [n, h', w', c], numbers of the input's scale whatever its own is."""

    versions = range(1, 5)
    inputs = range(2, 3)

    def check_type(self, tensor: Tensor, what: str) -> Iterator[str]:
        """The tensor is of one of the operator's types, with one scale if it has any."""
        yield from checks.dtype(tensor, what, *self.dtypes)
        if tensor.dtype != "float32":
            yield from checks.one_scale(tensor, what)

    def check(self, view: View) -> Iterator[str]:
        tensor, size, output = view.input(0), view.input(1), view.output()
        faults = [*checks.not_empty(view), *checks.rank(tensor, "input", 4), *checks.rank(output, "output", 4)]
        faults += [*self.check_type(tensor, "input"), *self.check_type(output, "output")]
        faults += [*checks.constant(size, "size"), *checks.dtype(size, "size", "int32")]
        faults += checks.dtype(output, "output", tensor.dtype)
        if faults:
            yield from faults
            return
        height_width = [int(n) for n in constant_data(size).reshape(-1)]
        yield from checks.shape(output, "the output", (tensor.shape[0], *height_width, tensor.shape[3]))
        if view.option("align_corners", False) and view.option("half_pixel_centers", False):
            yield "align_corners and half_pixel_centers are both set"


def ratio(view: View, axis: int) -> np.float32:
    """Pixels of the input a pixel of the output along a dimension, in float32 as TensorFlow Lite Micro has them."""
    size, out = view.input(0).shape[axis], view.output().shape[axis]
    if view.option("align_corners", False) and out > 1:
        size, out = size - 1, out - 1
    return np.float32(size) / np.float32(out)
