"""RESIZE_NEAREST_NEIGHBOR: align_corners, half_pixel_centers."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from edgewright.kernels.call import Call
from edgewright.kernels.quant import round_half_away
from edgewright.ops.families.pick import pick_call, pick_distance
from edgewright.ops.families.resize import Resize, ratio
from edgewright.tflite.graph import View


class ResizeNearestNeighbor(Resize):
    """Which pixel is the nearest is known at build time: a table for rows, one for columns."""

    name = "RESIZE_NEAREST_NEIGHBOR"
    dtypes = ("int8", "int16", "float32")
    files = ("pick_ref",)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        return (pick_call(view, _picks(view)),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        return {0: pick_distance(view, _picks(view))}


def _picks(view: View) -> list[list[int]]:
    batches, _, _, channels = view.input(0).shape
    return [list(range(batches)), _nearest(view, 1), _nearest(view, 2), list(range(channels))]


def _nearest(view: View, axis: int) -> list[int]:
    """For each pixel of the output the nearest of the input, in float32 as TensorFlow Lite Micro does it."""
    size, out = view.input(0).shape[axis], view.output().shape[axis]
    corners, centers = view.option("align_corners", False), view.option("half_pixel_centers", False)
    scale = ratio(view, axis)
    places = [(np.float32(i) + np.float32(0.5 if centers else 0)) * scale for i in range(out)]
    nearest = [round_half_away(float(place)) if corners else math.floor(place) for place in places]
    return [max(0, min(place, size - 1)) for place in nearest]


OP = ResizeNearestNeighbor()
