"""The same ranges give the same full-integer model each time, whatever order the quantizer goes in."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from testbench.resident import Resident


@pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not there for this Python")
@pytest.mark.parametrize("times", [10, pytest.param(40, marks=pytest.mark.slow)])
def test_an_unrolled_lstm_quantizes_each_time(times: int, resident: Resident) -> None:
    """Where floats that stay by chance were believed, all of ten would succeed once in 18 runs, of 40 in 100,000."""
    assert resident.module("tests.models.requantize", times).split() == ["1"]
