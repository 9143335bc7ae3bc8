"""Stages run one after the other in one process, where a test does not ask for more."""

from __future__ import annotations

import pytest

from testbench.resident import Resident
from testbench.stages import Stages


@pytest.fixture(scope="session")
def stages(resident: Resident) -> Stages:
    """One process for all; test_warm.py and the tests of equal bytes have others beside it."""
    return resident


@pytest.fixture(scope="session")
def forked(resident: Resident) -> Stages:
    """Each stage in a process of its own that the warm process forks."""
    return Stages(resident.environment)
