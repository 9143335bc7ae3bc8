"""Changes to training images, made anew each epoch: each image by itself, all from one seed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from edgewright.errors import UserError
from edgewright.sections.train import Augment

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def augmented(x: NDArray[np.float32], wanted: Augment, seed: Sequence[int]) -> NDArray[np.float32]:
    """`x` [N, height, width, channels] changed as is wanted; `x` itself, untouched, when nothing is."""
    import numpy as np

    if wanted == Augment():
        return x
    if x.ndim != 4:
        allowed = "images [N, height, width, channels]"
        raise UserError("[train] augment", "the examples are no images", got=x.shape, allowed=allowed)
    for name in ("shift", "erase"):
        size = getattr(wanted, name)
        if size >= min(x.shape[1:3]):
            raise UserError(
                f"[train] augment.{name}",
                "leaves nothing of the image",
                got=size,
                allowed=f"less than {min(x.shape[1:3])}",
            )
    random = np.random.default_rng([*seed, 1])
    x = x.copy()
    if wanted.flip:
        mirrored = random.random(len(x)) < 0.5
        x[mirrored] = x[mirrored, :, ::-1]
    if wanted.shift:
        x = _shifted(x, random.integers(-wanted.shift, wanted.shift + 1, (len(x), 2)))
    if wanted.erase:
        _erase(x, wanted.erase, random)
    return x


def _shifted(x: NDArray[np.float32], by: NDArray[np.int64]) -> NDArray[np.float32]:
    """Each image moved by its (down, right); images of one move together."""
    import numpy as np

    height, width = x.shape[1:3]
    moved = np.zeros_like(x)
    for down, right in np.unique(by, axis=0):
        those = np.flatnonzero((by == (down, right)).all(axis=1))
        to_y, from_y = _overlap(down, height)
        to_x, from_x = _overlap(right, width)
        moved[those, to_y, to_x] = x[those, from_y, from_x]
    return moved


def _overlap(move: int, size: int) -> tuple[slice, slice]:
    """Where a row of `size` that is moved lands, and where what lands comes from."""
    return slice(max(move, 0), size + min(move, 0)), slice(max(-move, 0), size + min(-move, 0))


def _erase(x: NDArray[np.float32], side: int, random: np.random.Generator) -> None:
    """Zero one square in each image, wholly inside it, in place."""
    import numpy as np

    top = random.integers(0, x.shape[1] - side, len(x), endpoint=True)
    left = random.integers(0, x.shape[2] - side, len(x), endpoint=True)
    rows = (top[:, None] + np.arange(side))[:, :, None]
    columns = (left[:, None] + np.arange(side))[:, None, :]
    x[np.arange(len(x))[:, None, None], rows, columns] = 0
