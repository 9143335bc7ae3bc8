"""All networks converted once a run of the tests, in the process that has TensorFlow."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from testbench.once import once
from tests.ops.conftest import litert, oracle

if TYPE_CHECKING:
    from testbench.resident import Resident

__all__ = ["litert", "networks", "oracle"]


@pytest.fixture(scope="session")
def networks(resident: Resident, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of <name>.tflite."""
    if importlib.util.find_spec("tensorflow") is None:
        pytest.skip("TensorFlow is not there for this Python")

    def convert(folder: Path) -> None:
        resident.module("tests.models.convert", folder)

    return once(tmp_path_factory, "networks", convert)
