"""MNIST (LeCun, Cortes, Burges 1998): 70,000 handwritten digits, 28 x 28 grey.

Found in Keras's cache, else downloaded by Keras, and checked against its checksum.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from edgewright.datasets import _download
from edgewright.datasets._images import as_dataset
from edgewright.datasets._splits import Dataset
from edgewright.errors import ToolError, UserError
from edgewright.files import sha256_file

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LABELS = ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")
NUM_CLASSES = 10
INPUT_SHAPE = (28, 28, 1)
TRAIN_EXAMPLES = 60_000
TEST_EXAMPLES = 10_000

FILE = "mnist.npz"
HINT = f"the first build downloads it; or put Keras's {FILE} at ~/.keras/datasets/"
SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"  # of the file that Keras offers
ARRAYS = {
    "x_train": (TRAIN_EXAMPLES, 28, 28),
    "y_train": (TRAIN_EXAMPLES,),
    "x_test": (TEST_EXAMPLES, 28, 28),
    "y_test": (TEST_EXAMPLES,),
}


def sources() -> list[Path]:
    """None: the checksum in this module decides the content."""
    return []


def found() -> Path | None:
    """Where its file lies; None: it would be downloaded."""
    path = _download.keras_cache() / FILE
    return path if path.is_file() else None


def load(limit: int | None = None) -> Dataset:
    """60,000 training and 10,000 test images, or the first `limit` of either."""
    path = _download.keras_cache() / FILE
    if not path.is_file():
        _fetch(path)
    hint = f"delete {path}, and the next build downloads it again"
    if sha256_file(path) != SHA256:
        raise UserError(str(path), "the content is not that of the published data set (SHA-256 differs)", hint=hint)
    return as_dataset(*(array[:limit] for array in _arrays(path, hint)))


def _arrays(path: Path, hint: str) -> list[NDArray[np.uint8]]:
    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = [file[name] for name in ARRAYS]
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        raise UserError(str(path), f"not the archive of arrays that it should be ({error})", hint=hint) from error
    for (name, shape), array in zip(ARRAYS.items(), arrays, strict=True):
        if array.shape != shape or array.dtype != np.uint8:
            raise UserError(f"{path}: {name}", "wrong array", got=f"{array.dtype} {array.shape}", hint=hint)
    return arrays


def _fetch(path: Path) -> None:
    try:
        _download.fetch(FILE, sha256=SHA256)
    except ToolError as error:
        raise UserError(
            "data set mnist",
            f"found nowhere: not in {path}, and {error}",
            hint=f"put Keras's {FILE} at {path}",
        ) from error
