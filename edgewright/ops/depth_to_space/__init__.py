"""DEPTH_TO_SPACE: channels to blocks of pixels; data of any type."""

from __future__ import annotations

from edgewright.ops.families.blocks import Blocks, block_size
from edgewright.ops.families.move import Move, strides
from edgewright.tflite.graph import View


class DepthToSpace(Blocks):
    """input [n, h, w, block * block * c], output [n, h * block, w * block, c]."""

    name = "DEPTH_TO_SPACE"
    to_space = True

    def move(self, view: View) -> Move:
        n, h, w, _ = view.input(0).shape
        block, c = block_size(view), view.output().shape[3]
        batch, row, pixel, y, x, _ = strides((n, h, w, block, block, c))
        return Move((n, h, block, w, block, c), (batch, row, y, pixel, x, 1))


OP = DepthToSpace()
