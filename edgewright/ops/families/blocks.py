"""What DEPTH_TO_SPACE and SPACE_TO_DEPTH have in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from edgewright.ops.families import checks
from edgewright.ops.families.move import MoveOp, check_same_type
from edgewright.tflite.graph import Tensor, View


class Blocks(MoveOp):
    """Squares of block_size pixels on one side, channels of one pixel on the other."""

    versions = range(1, 3)
    to_space: ClassVar[bool]
    """Whether channels become pixels."""

    def check(self, view: View) -> Iterator[str]:
        source, output, block = view.input(0), view.output(), block_size(view)
        faults = [*checks.not_empty(view), *check_same_type(source, view.outputs)]
        faults += [*checks.rank(source, "input", 4), *checks.rank(output, "output", 4)]
        faults += [] if block >= 1 else [f"block_size is {block}"]
        if faults:
            yield from faults
            return
        pixels, space = self._ends(view)
        n, h, w, c = pixels.shape
        if c % (block * block) or space.shape != (n, h * block, w * block, c // (block * block)):
            yield f"{list(source.shape)} does not become {list(output.shape)} in blocks of {block}"

    def _ends(self, view: View) -> tuple[Tensor, Tensor]:
        """The tensor of few pixels and that of many."""
        ends = (view.input(0), view.output())
        return ends if self.to_space else ends[::-1]


def block_size(view: View) -> int:
    """Pixels along a side of a block."""
    return int(view.option("block_size", 0))
