"""The front end of [preprocess] on an emulated Cortex-M4: its levels are those of this machine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edgewright.compiler import compile_model
from edgewright.datasets import spoken_digits
from edgewright.frontend import levels
from testbench import sounds
from testbench.differential.images import answers, build_image, emulated_boards

BOARD = "mps2-an386"


@pytest.mark.parametrize("real", [False, True])
def test_levels_on_the_device_are_those_of_the_host(real: bool, tmp_path: Path) -> None:
    if real and not sounds.RECORDINGS.is_file():
        pytest.skip(f"no recordings at {sounds.RECORDINGS}")
    section = sounds.small(window_ms=32, step_ms=16, bands=32, noise_reduction=not real)
    sound = np.round(spoken_digits.load(1).test_x[..., 0] * 32768).astype(np.int16) if real else sounds.made(1, 4000)
    here = levels(section, sound, "sound")[0]
    board = emulated_boards()[BOARD]
    image = build_image(compile_model(sounds.graph_of(section), "frontend", board.core), board, tmp_path)
    (there,) = answers(image, board, [sound[0, : len(here) * section.taken].reshape(-1, section.taken)])
    np.testing.assert_array_equal(there.reshape(here.shape), here)
    assert len(np.unique(here)) > 20
