"""The same ranges give the same full-integer model each time, whatever order the quantizer goes in."""

import importlib.util
import subprocess
import sys

import pytest

from tests.models.conftest import ROOT


@pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not there for this Python")
@pytest.mark.parametrize("times", [10, pytest.param(40, marks=pytest.mark.slow)])
def test_an_unrolled_lstm_quantizes_each_time(times: int) -> None:
    """Where floats that stay by chance were believed, all of ten would succeed once in 18 runs, of 40 in 100,000."""
    command = [sys.executable, "-m", "tests.models.requantize", str(times)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.split() == ["1"]
