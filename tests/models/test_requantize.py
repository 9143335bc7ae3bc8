"""The same ranges give the same full-integer model each time, whatever order the quantizer goes in."""

import importlib.util
import subprocess
import sys

import pytest

from tests.models.conftest import ROOT

TIMES = "40"
"""Where floats that stay by chance were believed, all of these would succeed once in 100,000 runs."""


@pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not there for this Python")
def test_an_unrolled_lstm_quantizes_each_time() -> None:
    command = [sys.executable, "-m", "tests.models.requantize", TIMES]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.split() == ["1"]
