"""Changes to training images, made anew each epoch: each image by itself, all from one seed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from edgewright.errors import UserError
from edgewright.sections.train import Augment
from edgewright.several import Several, as_float32, for_keras, shape_of
from edgewright.source import fault_in
from edgewright.tasks import function_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from edgewright.several import Values


def augmented(x: Values, wanted: Augment, seed: Sequence[int], source: Path | None = None) -> Values:
    """`x` [N, height, width, channels] changed as is wanted; `x` itself, untouched, when nothing is.

    A function of one's own, of `source` or a file beside it, comes first, and takes inputs of any kind.
    """
    if wanted.function:
        x = _by_function(x, wanted.function, seed, source)
    return _image_changes(x, wanted.model_copy(update={"function": None}), seed)


def _by_function(x: Values, name: str, seed: Sequence[int], source: Path | None) -> Values:
    import numpy as np

    function = function_of(name, source)
    try:
        found = function(for_keras(x), np.random.default_rng([*seed, 2]))
    except Exception as error:
        raise fault_in(source or Path("model.py"), error) from error
    changed: Values = Several(dict(found)) if isinstance(found, dict) else np.asarray(found)
    changed = as_float32(changed)
    if len(changed) != len(x) or shape_of(changed) != shape_of(x):
        where, problem = f"[train] augment.function = {name}", "gives inputs of another shape"
        raise UserError(where, problem, got=shape_of(changed), allowed=shape_of(x))
    return changed


def _image_changes(x: Values, wanted: Augment, seed: Sequence[int]) -> Values:
    import numpy as np

    if wanted == Augment():
        return x
    if isinstance(x, Several) or x.ndim != 4:
        allowed = "images [N, height, width, channels]"
        raise UserError("[train] augment", "the examples are no images", got=shape_of(x), allowed=allowed)
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
