"""What SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND have in common: blocks of pixels, each an image of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from edgewright.kernels.constant import constant_data
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.move import TYPES, check_same_type
from edgewright.tflite.graph import Tensor, View


@dataclass(frozen=True)
class Geometry:
    """Of two images: the whole one as it is padded or before it is cropped, and the parts of it.

    Attributes:
        block: height and width of a block.
        before, after: rows and columns of padding or cropping.
    """

    block: tuple[int, int]
    before: tuple[int, int]
    after: tuple[int, int]

    @property
    def count(self) -> int:
        """Parts of an image."""
        return self.block[0] * self.block[1]


class Batches(Op):
    """input [n, h, w, c] or [n, h, c], block sizes, and what is padded or cropped [dimensions, 2]."""

    dtypes = TYPES
    versions = range(1, 5)
    inputs = range(3, 4)

    def check(self, view: View) -> Iterator[str]:
        source = view.input(0)
        faults = [*checks.not_empty(view), *check_same_type(source, view.outputs), *checks.rank(source, "input", 3, 4)]
        faults += checks.rank(view.output(), "output", len(source.shape))
        for i, what in ((1, "block sizes"), (2, "amounts")):
            faults += [*checks.constant(view.input(i), what), *checks.dtype(view.input(i), what, "int32")]
        spatial = len(source.shape) - 2
        if (view.input(1).shape, view.input(2).shape) != ((spatial,), (spatial, 2)):
            faults.append(f"block sizes and amounts are not of {spatial} dimensions")
        yield from faults or self._deeper(view)

    def _deeper(self, view: View) -> Iterator[str]:
        of = geometry(view)
        if min(of.block) < 1 or min((*of.before, *of.after)) < 0:
            yield "a block size is below 1, or an amount below 0"
        elif not self.fits(view, of):
            blocks = f"blocks of {list(of.block)}, {list(of.before)} before and {list(of.after)} after"
            yield f"{list(view.input(0).shape)} does not become {list(view.output().shape)} in {blocks}"

    def fits(self, view: View, of: Geometry) -> bool:
        """Whether the shapes are those that the operator gives."""
        raise NotImplementedError


def image(tensor: Tensor) -> tuple[int, int, int, int]:
    """Batches, height, width, channels; a sequence is an image of one column."""
    n, h, *w, c = tensor.shape
    return n, h, w[0] if w else 1, c


def geometry(view: View) -> Geometry:
    """The node's blocks and amounts."""
    blocks = [int(n) for n in constant_data(view.input(1)).reshape(-1)]
    amounts = [(int(a), int(b)) for a, b in constant_data(view.input(2)).reshape(-1, 2).tolist()]
    (block_h, block_w), (rows, columns) = (*blocks, 1)[:2], (*amounts, (0, 0))[:2]
    return Geometry((block_h, block_w), (rows[0], columns[0]), (rows[1], columns[1]))
