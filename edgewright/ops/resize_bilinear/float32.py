"""RESIZE_BILINEAR, float32."""

from __future__ import annotations

from edgewright.kernels.call import Call, Scalar
from edgewright.ops.base import Op
from edgewright.ops.families.float32 import IN, OUT
from edgewright.ops.families.resize import Resize, ratio
from edgewright.tflite.graph import View


class ResizeBilinearFloat(Resize):
    """align_corners, half_pixel_centers."""

    name = "RESIZE_BILINEAR"
    dtypes = ("float32",)
    files = ("resize_bilinear_f32_ref",)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        batches, in_h, in_w, channels = view.input(0).shape
        out_h, out_w = view.output().shape[1:3]
        sizes = {"batches": batches, "in_h": in_h, "in_w": in_w, "channels": channels, "out_h": out_h, "out_w": out_w}
        sizes["half_pixel_centers"] = int(view.option("half_pixel_centers", False))
        scales = (Scalar(f"{name}_scale", float(ratio(view, axis)), "float") for name, axis in (("y", 1), ("x", 2)))
        shape = tuple(sizes.items())
        return (Call("resize_bilinear_f32_ref", "ew_resize_bilinear_f32_shape", shape, (IN, OUT, *scales)),)


TYPED: tuple[Op, ...] = (ResizeBilinearFloat(),)
