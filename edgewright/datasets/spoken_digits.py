"""Free Spoken Digit Dataset (Jackson and others, CC BY-SA 4.0): 3,000 recordings of ten words by six speakers, 8 kHz.

Found in a folder beside the project (../shared/data/fsdd), else in Keras's cache, else downloaded. The content is
checked against the checksum below, so it is the same data wherever they come from.

An example is a second in which one word is said, float32 [8000, 1] in -1..1: it begins somewhere in it, and what is
longer is cut. Recordings 0 to 4 of each speaker and word are the test, as the publishers have it; so its speakers are
those of the training.
"""

from __future__ import annotations

import hashlib
import io
import re
import wave
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from edgewright.datasets import _download
from edgewright.datasets._splits import Dataset
from edgewright.errors import ToolError, UserError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LABELS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
NUM_CLASSES = 10
SAMPLES = 8000
INPUT_SHAPE = (SAMPLES, 1)
TRAIN_EXAMPLES = 2700
TEST_EXAMPLES = 300

SHARED = Path("../shared/data/fsdd/recordings.zip")
URL = "https://github.com/Jakobovski/free-spoken-digit-dataset/archive/26eb9aa.zip"
FILE = "spoken-digits.zip"
SHA256 = "1801eae019c063377d98f831d3f93574f259475df7332bb0e3d1b080fb5e6959"
"""Of the lines that `sha256sum` writes for the recordings, by name: archives of them may differ."""

_NAME = re.compile(r"(?:.*/)?recordings/((\d)_[a-z]+_(\d+)\.wav)")
_MOST_BYTES = 1 << 20
_TEST = 5
_PRIME = 7919


def sources() -> list[Path]:
    """None: the checksum in this module decides the content."""
    return []


def load(limit: int | None = None) -> Dataset:
    """2,700 training and 300 test examples, or the first `limit` of either."""
    import numpy as np

    path, hint = _archive()
    found = _recordings(path, hint)
    names = sorted(found)
    order = [names[number] for number in np.random.default_rng(0).permutation(len(names))]
    parts = []
    for is_test in (False, True):
        chosen = [name for name in order if (_index(name) < _TEST) == is_test][:limit]
        x = np.stack([_second(found[name], _PRIME * (names.index(name) + 1)) for name in chosen])
        parts += [x, np.array([int(name[0]) for name in chosen], np.int64)]
    return Dataset(*parts)


def _index(name: str) -> int:
    return int(name.removesuffix(".wav").rpartition("_")[2])


def _second(recording: bytes, place: int) -> NDArray[np.float32]:
    """A second with the word in it; `place` decides where."""
    import numpy as np

    with wave.open(io.BytesIO(recording)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")[:SAMPLES]
    start = place % (SAMPLES - len(samples) + 1)
    whole = np.zeros((SAMPLES, 1), np.float32)
    whole[start : start + len(samples), 0] = samples / np.float32(32768)
    return whole


def _recordings(path: Path, hint: str) -> Mapping[str, bytes]:
    """The recordings by their names, as they were published."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = {match[1]: entry for entry in archive.infolist() if (match := _NAME.fullmatch(entry.filename))}
            if len(entries) != TRAIN_EXAMPLES + TEST_EXAMPLES or any(
                e.file_size > _MOST_BYTES for e in entries.values()
            ):
                raise UserError(str(path), "these are not the recordings of the data set", hint=hint)
            found = {name: archive.read(entry) for name, entry in entries.items()}
    except (OSError, zipfile.BadZipFile) as error:
        raise UserError(str(path), f"not a whole zip file ({error})", hint=hint) from error
    lines = (f"{hashlib.sha256(found[name]).hexdigest()}  {name}\n" for name in sorted(found))
    if hashlib.sha256("".join(lines).encode()).hexdigest() != SHA256:
        raise UserError(str(path), "the content is not that of the published data set (SHA-256 differs)", hint=hint)
    return found


def _archive() -> tuple[Path, str]:
    """The archive, and what to do when it is damaged."""
    if SHARED.is_file():
        return SHARED, f"put the published recordings there, or remove {SHARED}"
    cached = _download.keras_cache() / FILE
    if not cached.is_file():
        try:
            _download.fetch(FILE, origin=URL)
        except ToolError as error:
            problem = f"found nowhere: not in {SHARED}, not in {cached}, and {error}"
            raise UserError("data set spoken-digits", problem, hint=f"put {URL} there as {FILE}") from error
    return cached, f"delete {cached}, and the next build downloads it again"
