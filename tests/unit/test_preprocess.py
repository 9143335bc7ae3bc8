"""[preprocess]: what fits, what the bands are, and which stages it makes."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from edgewright.errors import UserError
from edgewright.preprocessing._mel import front_end, mel_bands
from edgewright.preprocessing._sound import Sound
from edgewright.spec import Model

RATE = 16_000


def section(**changed: object) -> Sound:
    return Sound.model_validate({"rate": RATE, **changed})


def test_milliseconds_become_samples() -> None:
    found = section(window_ms=30, step_ms=20)
    assert (found.window, found.step, found.length, found.top_hz) == (480, 320, 512, 8000)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"step_ms": 40}, "step_ms is 640 samples and window_ms 512"),
        ({"window_ms": 300}, "window_ms 4800 at this rate"),
        ({"high_hz": 9000}, "bands from 100 to 9000 Hz do not fit the rate"),
        ({"low_hz": 8000}, "bands from 8000 to 8000 Hz"),
        ({"bands": 1}, "greater than or equal to 2"),
    ],
)
def test_what_does_not_fit_is_refused(changed: dict[str, object], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        section(**changed)


def test_the_rate_is_that_of_the_data() -> None:
    data = {"dataset": "wav", "path": "x", "rate": 8000, "seconds": 1.0}
    with pytest.raises(ValidationError, match=r"preprocess\.rate is 16000, and data\.rate 8000"):
        Model.model_validate({"description": "m", "data": data, "preprocess": {"kind": "log-mel", "rate": RATE}})


def test_each_bin_goes_to_two_channels_in_all() -> None:
    weights, unweights, starts, places, widths = mel_bands(section())
    np.testing.assert_array_equal(weights.astype(int) + unweights, 4096)
    inside = [bin_ for start, width in zip(starts, widths, strict=True) for bin_ in range(start, start + width)]
    assert inside == list(range(inside[0], inside[-1] + 1))
    np.testing.assert_array_equal(places[1:], np.cumsum(widths)[:-1])
    assert len(starts) == 33


def test_a_band_without_a_bin_is_refused() -> None:
    with pytest.raises(UserError, match="band 2 holds no bin of the spectrum, got 128"):
        front_end(section(bands=128, window_ms=8, step_ms=4))


def test_equal_sections_make_equal_graphs() -> None:
    first, second, other = (front_end(section(bands=bands)) for bands in (32, 32, 31))
    assert first.sha256 == second.sha256 != other.sha256
    assert [state.shape for state in front_end(section(noise_reduction=True)).states] == [(256,), (32,)]
