"""BATCH_TO_SPACE_ND: constant block sizes and crops, one or two dimensions; data of any type."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels.call import Call
from edgewright.ops.families.batches import Batches, Geometry, geometry, image
from edgewright.ops.families.pick import Places, places_call, places_distance
from edgewright.tflite.graph import ITEM_BYTES, View


class BatchToSpaceNd(Batches):
    """Images become every so many pixels of one."""

    name = "BATCH_TO_SPACE_ND"
    files = ("pick_ref",)

    def fits(self, view: View, of: Geometry) -> bool:
        n, h, w, c = image(view.input(0))
        sizes = (h * of.block[0], w * of.block[1])
        cropped = [size - a - b for size, a, b in zip(sizes, of.before, of.after, strict=True)]
        return n % of.count == 0 and image(view.output()) == (n // of.count, *cropped, c)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        return (places_call(*_places(view)),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        return {0: places_distance(*_places(view))}


def _places(view: View) -> tuple[Places, int]:
    """Where the output's batches, rows and columns lie in the input, in bytes; bytes of a pixel."""
    of, (_, h, w, c) = geometry(view), image(view.input(0))
    batches, out_h, out_w, _ = image(view.output())
    pixel = c * ITEM_BYTES[view.input(0).dtype]
    whole = batches * h * w
    rows = _spread(out_h, of.before[0], of.block[0], whole * of.block[1], w)
    columns = _spread(out_w, of.before[1], of.block[1], whole, 1)
    return [np.arange(batches) * h * w * pixel, rows * pixel, columns * pixel], pixel


def _spread(count: int, before: int, block: int, outer: int, inner: int) -> NDArray[np.int64]:
    places = np.arange(count, dtype=np.int64) + before
    return places % block * outer + places // block * inner


OP = BatchToSpaceNd()
