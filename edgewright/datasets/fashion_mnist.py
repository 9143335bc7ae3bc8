"""Fashion-MNIST (Xiao, Rasul, Vollgraf 2017, arXiv:1708.07747): 70,000 photos of clothes, 28 x 28 grey, ten classes.

Found in Debian's package dataset-fashion-mnist, else in Keras's cache, else downloaded by Keras. The content is checked
against the checksums below, so it is the same data wherever they come from.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from edgewright.datasets import _download, _idx
from edgewright.datasets._images import as_examples
from edgewright.datasets._splits import Dataset
from edgewright.errors import ToolError, UserError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LABELS = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
NUM_CLASSES = 10
INPUT_SHAPE = (28, 28, 1)
TRAIN_EXAMPLES = 60_000
TEST_EXAMPLES = 10_000

DEBIAN_FOLDER = Path("/usr/share/datasets/fashion-mnist")
DEBIAN_PACKAGE = "dataset-fashion-mnist"
HINT = f"apt-get install {DEBIAN_PACKAGE}"

# file: shape, SHA-256 of the uncompressed content
FILES = {
    "train-images-idx3-ubyte.gz": (
        (TRAIN_EXAMPLES, 28, 28),
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    ),
    "train-labels-idx1-ubyte.gz": (
        (TRAIN_EXAMPLES,),
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    ),
    "t10k-images-idx3-ubyte.gz": (
        (TEST_EXAMPLES, 28, 28),
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    ),
    "t10k-labels-idx1-ubyte.gz": (
        (TEST_EXAMPLES,),
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    ),
}


def sources() -> list[Path]:
    """None: the checksums in this module decide the content."""
    return []


def found() -> Path | None:
    """Where its files lie; None: they would be downloaded."""
    cache = _download.keras_cache() / "fashion-mnist"
    return next((folder for folder in (DEBIAN_FOLDER, cache) if _holds_all(folder)), None)


def load(limit: int | None = None) -> Dataset:
    """60,000 training and 10,000 test images, or the first `limit` of either."""
    train, test = list(FILES)[:2], list(FILES)[2:]
    return Dataset(*_read(train, limit), *_read(test, limit))


def load_test(limit: int | None = None) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The test images, or the first `limit` of them: a seventh of the data."""
    return _read(list(FILES)[2:], limit)


def _read(names: Sequence[str], limit: int | None) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    folder, hint = _folder()
    images, labels = (_idx.read(folder / name, *FILES[name], hint)[:limit] for name in names)
    return as_examples(images, labels)


def _folder() -> tuple[Path, str]:
    """The folder that holds all files, and what to do when one of them is damaged."""
    cache = _download.keras_cache() / "fashion-mnist"
    if _holds_all(DEBIAN_FOLDER):
        return DEBIAN_FOLDER, f"install it again: apt-get install --reinstall {DEBIAN_PACKAGE}"
    if not _holds_all(cache):
        _fetch_all(cache)
    return cache, f"delete {cache}, and the next build downloads it again"


def _holds_all(folder: Path) -> bool:
    return all((folder / name).is_file() for name in FILES)


def _fetch_all(cache: Path) -> None:
    try:
        for name in FILES:
            _download.fetch(name, "fashion-mnist")
    except ToolError as error:
        raise UserError(
            "data set fashion-mnist",
            f"found nowhere: not in {DEBIAN_FOLDER}, not in {cache}, and {error}",
            hint=HINT,
        ) from error
