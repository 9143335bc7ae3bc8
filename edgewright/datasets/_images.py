"""From grey images in bytes to the arrays of a `Dataset`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgewright.datasets._splits import Dataset

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def as_dataset(
    train_x: NDArray[np.uint8], train_y: NDArray[np.uint8], test_x: NDArray[np.uint8], test_y: NDArray[np.uint8]
) -> Dataset:
    """Both parts, each as `as_examples` gives it."""
    return Dataset(*as_examples(train_x, train_y), *as_examples(test_x, test_y))


def as_examples(x: NDArray[np.uint8], y: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Images uint8 [N, height, width] become float32 [N, height, width, 1] in 0..1, labels uint8 become int64."""
    import numpy as np

    return _scaled(x), y.astype(np.int64)


def _scaled(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    import numpy as np

    scaled: NDArray[np.float32] = images[..., np.newaxis].astype(np.float32)
    scaled /= np.float32(255)
    return scaled
