"""The table of gains that SignalPCAN reads: per-channel amplitude normalization, by the noise of a band.

The gain for noise n is (n + 80)^-0.95, after Wang and others, "Trainable frontend for robust and far-field keyword
spotting" (2017, arXiv:1607.05666), section 2; both constants are those of TensorFlow's audio front end.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

GAIN_BITS = 21
"""Bits behind the point of a gain."""

SNR_BITS = 12
"""Bits behind the point of a band times its gain."""

_STRENGTH, _OFFSET = 0.95, 80.0
_MOST = 32767
_POWERS = 32


def gains(noise_bits: int) -> NDArray[np.int16]:
    """The table, int16 [125], for noise with so many bits behind the point.

    Gains of 0, 1 and from each power of two to the next a parabola through its ends and its middle: the first value,
    the slope at its beginning, the curvature, and a number that nothing reads.
    """
    found = [_gain(0, noise_bits), _gain(1, noise_bits)]
    for power in range(1, _POWERS):
        first = 1 << power
        begin, middle, end = (_gain(place, noise_bits) for place in (first, first + first // 2, 2 * first))
        if power == _POWERS - 1:
            end = _gain(2 * first - 1, noise_bits)
        slope = 4 * (middle - begin) - (end - begin)
        found += [begin, slope, (end - begin) - slope, 0]
    return np.array(found[:-1], np.int16)


def _gain(noise: int, bits: int) -> int:
    value = (1 << GAIN_BITS) * (noise / 2.0**bits + _OFFSET) ** -_STRENGTH
    return min(int(value + 0.5), _MOST)
