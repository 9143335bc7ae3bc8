"""RESIZE_BILINEAR, int16."""

from __future__ import annotations

from edgewright.ops.base import Op
from edgewright.ops.resize_bilinear import ResizeBilinear


class ResizeBilinearInt16(ResizeBilinear):
    """align_corners, half_pixel_centers. No TensorFlow Lite Micro runs it."""

    dtypes = ("int16",)
    oracle = "LiteRT"
    files = ("resize_bilinear_s16_ref",)


TYPED: tuple[Op, ...] = (ResizeBilinearInt16(),)
