"""A folder of sounds: one folder a class, or the class in the file's name. Values are float32 in -1..1, one channel."""

from __future__ import annotations

from math import gcd
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from edgewright.datasets._declared import Examples, library
from edgewright.datasets._examples import Files, examples, labels, sources_of
from edgewright.errors import UserError
from edgewright.sections.task import Task

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SUFFIXES = (".wav", ".flac", ".ogg")
PACKAGES = ("numpy", "soundfile", "scipy")


class Options(Files):
    """Keys of `[data]`: sounds are brought to one rate and length; short ones end in silence."""

    rate: int = Field(ge=1, le=192_000, description="samples a second; others are resampled", examples=[16_000])
    seconds: float = Field(gt=0, le=600, description="length of every example", examples=[1.0])

    @property
    def samples(self) -> int:
        """Of an example."""
        return max(1, round(self.rate * self.seconds))


OPTIONS = Options


def sources(options: Options, folder: Path) -> list[Path]:
    """The folders with sounds."""
    return sources_of(options, folder)


def classes(options: Options, folder: Path) -> tuple[str, ...]:
    """Names of the classes, in the order of their numbers."""
    return labels(options, folder, SUFFIXES)


def read(options: Options, path: Path, _task: Task) -> Examples:
    """The sounds below a folder, float32 [N, samples, 1] in -1..1; several channels are averaged."""
    soundfile = library("soundfile", "soundfile", 'dataset = "wav"')
    return examples(options, path, SUFFIXES, lambda file: _sound(soundfile, file, options))


def _sound(soundfile: Any, path: Path, options: Options) -> NDArray[np.float32]:
    import numpy as np

    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (OSError, RuntimeError) as error:
        raise UserError(str(path), f"is no sound that libsndfile reads: {error}") from None
    mono = samples.mean(axis=1, dtype=np.float32)
    if rate != options.rate and len(mono):
        mono = _resampled(mono, rate, options.rate)
    whole = np.zeros(options.samples, np.float32)
    whole[: len(mono)] = mono[: options.samples]
    return whole[:, np.newaxis]


def _resampled(samples: NDArray[np.float32], rate: int, wanted: int) -> NDArray[np.float32]:
    """By a polyphase filter."""
    import numpy as np

    common = gcd(rate, wanted)
    signal = library("scipy.signal", "scipy", 'dataset = "wav"')
    return np.asarray(signal.resample_poly(samples, wanted // common, rate // common), np.float32)
