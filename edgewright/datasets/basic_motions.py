"""BasicMotions: 80 windows of a smart watch, four motions, 10 s of accelerometer and gyroscope at 10 Hz.

Of students of the University of East Anglia, in the UEA archive of time series (Bagnall et al. 2018,
arXiv:1811.00075). The Python package aeon brings the two files. Found in aeon where it is installed, else in
Edgewright's cache, else taken out of aeon's wheel, which pip downloads without what it depends on. The content is
checked against the checksums below.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from edgewright.datasets._splits import Dataset
from edgewright.errors import UserError
from edgewright.files import sha256_file, write_bytes
from edgewright.home import cache_home

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LABELS = ("Standing", "Running", "Walking", "Badminton")
NUM_CLASSES = 4
INPUT_SHAPE = (100, 6)
TRAIN_EXAMPLES = 40
TEST_EXAMPLES = 40

WHEEL = "aeon==1.6.0"
PLACE = "datasets/data/BasicMotions"
FILES = {
    "BasicMotions_TRAIN.ts": "8dc43cc6306cb679c888c01e26f91772ac4441a916da43bac8b79734a538b9d6",
    "BasicMotions_TEST.ts": "79213102bc6fca1a398ad98ce1185dff0208fa3d1465e687f48288946b0ff8dc",
}
HINT = "the first build downloads it: 6 MB by pip"


def sources() -> list[Path]:
    """None: the checksums in this module decide the content."""
    return []


def found() -> Path | None:
    """Where its files lie; None: they would be downloaded."""
    return next((folder for folder in (*_installed(), _cache()) if _holds_all(folder)), None)


def load() -> Dataset:
    """40 windows of training and 40 of the test, float32 [N, 100, 6]; those of training in an order by chance."""
    import numpy as np

    folder = found() or _fetched()
    train, test = (_read(folder / name, sha256) for name, sha256 in FILES.items())
    order = np.random.default_rng(1).permutation(TRAIN_EXAMPLES)  # the file is sorted by class
    return Dataset(train[0][order], train[1][order], *test)


def _cache() -> Path:
    return cache_home() / "datasets" / "basic-motions"


def _installed() -> list[Path]:
    """The folder in the package aeon, which is not imported: that takes long."""
    spec = importlib.util.find_spec("aeon")
    return [Path(place) / PLACE for place in (spec.submodule_search_locations or ())] if spec else []


def _holds_all(folder: Path) -> bool:
    return all((folder / name).is_file() for name in FILES)


def _fetched() -> Path:
    """The cache, once pip has downloaded the wheel; UserError with pip's last word when it cannot."""
    with tempfile.TemporaryDirectory(prefix="edgewright-") as name:
        words = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", name, WHEEL]
        done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
        wheels = list(Path(name).glob("*.whl"))
        if done.returncode or not wheels:
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            hint = "pip install --no-deps aeon"
            raise UserError("data set basic-motions", f"pip cannot download {WHEEL}: {reason}", hint=hint)
        with zipfile.ZipFile(wheels[0]) as archive:
            for file in FILES:
                write_bytes(_cache() / file, archive.read(f"aeon/{PLACE}/{file}"))
    return _cache()


def _read(path: Path, sha256: str) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Windows [N, 100, 6] and classes [N]: a line has the axes one after the other, and the name of the class."""
    import numpy as np

    if sha256_file(path) != sha256:
        hint = f"delete {path.parent}, and the next build downloads it again"
        raise UserError(str(path), "the content is not that of the published data set (SHA-256 differs)", hint=hint)
    lines = path.read_text(encoding="utf-8").partition("@data\n")[2].split()
    rows = [line.split(":") for line in lines]
    x = np.array([[axis.split(",") for axis in row[:-1]] for row in rows], np.float32)
    return x.transpose(0, 2, 1), np.array([LABELS.index(row[-1]) for row in rows], np.int64)
