"""RESIZE_BILINEAR, int8: align_corners, half_pixel_centers."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.kernels.call import Call, Input, Output
from edgewright.ops.families.resize import Resize
from edgewright.tflite.graph import View

_UNIT = 1024
_MOST_PIXELS = 1 << 15
"""Along a dimension: places in units of 1/1024 pixel stay in int32."""


class ResizeBilinear(Resize):
    """Between the four neighbours of each place."""

    name = "RESIZE_BILINEAR"

    def check(self, view: View) -> Iterator[str]:
        faults = list(super().check(view))
        yield from faults
        if faults:
            return
        for axis in (1, 2):
            size, out = view.input(0).shape[axis], view.output().shape[axis]
            scale, start = _places(view, axis)
            if max(size, out) > _MOST_PIXELS or (out - 1) * scale + start >= size * _UNIT:
                yield f"{size} to {out} pixels are more than the fixed-point numbers hold"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        batches, in_h, in_w, channels = view.input(0).shape
        sizes = {"batches": batches, "in_h": in_h, "in_w": in_w, "channels": channels}
        sizes |= {"out_h": view.output().shape[1], "out_w": view.output().shape[2]}
        for name, axis in (("y", 1), ("x", 2)):
            sizes[f"{name}_scale"], sizes[f"{name}_start"] = _places(view, axis)
        ctype = f"{view.output().dtype}_t"
        arguments = (Input("input", ctype=ctype), Output("output", ctype=ctype))
        return (Call(self.files[0], "ew_resize_bilinear_s8_shape", tuple(sizes.items()), arguments),)


def _places(view: View, axis: int) -> tuple[int, int]:
    """(scale, start): pixel i of the output lies at i * scale + start, in units of 1/1024 pixel of the input."""
    size, out = view.input(0).shape[axis], view.output().shape[axis]
    if view.option("align_corners", False) and out > 1:
        size, out = size - 1, out - 1
    scale = (_UNIT * size + out // 2) // out
    return scale, scale // 2 - _UNIT // 2 if view.option("half_pixel_centers", False) else 0


OP = ResizeBilinear()
