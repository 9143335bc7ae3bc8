"""SPACE_TO_DEPTH: blocks of pixels to channels; data of any type."""

from __future__ import annotations

from edgewright.ops.families.blocks import Blocks, block_size
from edgewright.ops.families.move import Move, strides
from edgewright.tflite.graph import View


class SpaceToDepth(Blocks):
    """input [n, h * block, w * block, c], output [n, h, w, block * block * c]."""

    name = "SPACE_TO_DEPTH"
    to_space = False

    def move(self, view: View) -> Move:
        n, h, w, _ = view.output().shape
        block, c = block_size(view), view.input(0).shape[3]
        batch, row, y, pixel, x, _ = strides((n, h, block, w, block, c))
        return Move((n, h, w, block, block, c), (batch, row, pixel, y, x, 1))


OP = SpaceToDepth()
