"""All networks converted once a run of the tests: one start of TensorFlow, in a process of its own."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from testbench.once import once
from tests.ops.conftest import litert, oracle

__all__ = ["litert", "networks", "oracle"]

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of <name>.tflite."""
    if importlib.util.find_spec("tensorflow") is None:
        pytest.skip("TensorFlow is not there for this Python")
    return once(tmp_path_factory, "networks", _convert)


def _convert(folder: Path) -> None:
    command = [sys.executable, "-m", "tests.models.convert", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
