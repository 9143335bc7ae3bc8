"""mfcc: the cosine transform (DCT-II) of log-mel energies, of which the first numbers tell the shape of the spectrum.

As in Davis and Mermelstein, IEEE Transactions on Acoustics, Speech, and Signal Processing 28 (1980); rows are
orthonormal.
"""

from __future__ import annotations

import math

from pydantic import Field, model_validator

from edgewright.preprocessing._plan import LEVELS, Mix, Plan
from edgewright.preprocessing._sound import Sound, sound_plan
from edgewright.sections.section import fault

_SHIFT = 14
"""Weights are at most 1, so they fit int16; 128 of them times a level of 255 fit int32."""


class Options(Sound):
    """Keys of `[preprocess]`: those of log-mel, and how much of the transform is kept."""

    coefficients: int = Field(default=13, ge=1, le=128, description="numbers of the cosine transform that are kept")

    @model_validator(mode="after")
    def _enough_bands(self) -> Options:
        if self.coefficients > self.bands:
            raise fault(
                f"{self.coefficients} coefficients of {self.bands} bands",
                allowed="as many as there are bands, or fewer",
            )
        return self


GIVES = "rows"
OPTIONS = Options


def plan(options: Options, _shape: tuple[int, ...]) -> Plan:
    """Rows of `coefficients` levels; UserError where a band holds no bin."""
    most = math.ceil((LEVELS - 1) * math.sqrt(options.bands)) + options.bands
    mix = Mix(cosines(options.coefficients, options.bands), _SHIFT)
    return sound_plan(options, options.coefficients, (-most, most), mix)


def cosines(count: int, bands: int) -> tuple[tuple[int, ...], ...]:
    """The first rows of the orthonormal DCT-II of so many numbers, in 1/2^14."""
    return tuple(
        tuple(
            round(
                (1 << _SHIFT)
                * math.sqrt((1 if row == 0 else 2) / bands)
                * math.cos(math.pi * row * (2 * band + 1) / (2 * bands))
            )
            for band in range(bands)
        )
        for row in range(count)
    )
