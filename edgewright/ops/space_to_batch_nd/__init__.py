"""SPACE_TO_BATCH_ND: constant block sizes and paddings, one or two dimensions; data of any type.

TensorFlow Lite Micro pads int8 with a number that it leaves unset; here it is the zero point, as in LiteRT.
"""

from __future__ import annotations

from edgewright.kernels.call import Call, Input, Output, Scalar
from edgewright.kernels.quant import zero_point
from edgewright.ops.families.batches import Batches, Geometry, geometry, image
from edgewright.tflite.graph import ITEM_BYTES, View


class SpaceToBatchNd(Batches):
    """Every so many pixels become an image of their own; int8 is padded with the zero point."""

    name = "SPACE_TO_BATCH_ND"
    oracle = "LiteRT"
    files = ("space_to_batch_nd_ref",)

    def fits(self, view: View, of: Geometry) -> bool:
        n, h, w, c = image(view.input(0))
        padded = [size + a + b for size, a, b in zip((h, w), of.before, of.after, strict=True)]
        sizes = [size // block for size, block in zip(padded, of.block, strict=True)]
        whole = [size * block for size, block in zip(sizes, of.block, strict=True)]
        return whole == padded and image(view.output()) == (n * of.count, *sizes, c)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        of, (n, h, w, c) = geometry(view), image(view.input(0))
        _, out_h, out_w, _ = image(view.output())
        fields = {
            "batches": n,
            "in_h": h,
            "in_w": w,
            "block_h": of.block[0],
            "block_w": of.block[1],
            "out_h": out_h,
            "out_w": out_w,
            "pad_top": of.before[0],
            "pad_left": of.before[1],
            "bytes": c * ITEM_BYTES[view.output().dtype],
        }
        fill = zero_point(view.output()) if view.output().dtype == "int8" else 0
        arguments = (Input("input"), Output("output"), Scalar("fill", fill))
        return (Call("space_to_batch_nd_ref", "ew_space_to_batch_nd_shape", tuple(fields.items()), arguments),)


OP = SpaceToBatchNd()
