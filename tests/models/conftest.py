"""All networks converted once a run of the tests: one start of TensorFlow, in a process of its own."""

from __future__ import annotations

import fcntl
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ops.conftest import litert, oracle

__all__ = ["litert", "networks", "oracle"]

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of <name>.tflite."""
    if importlib.util.find_spec("tensorflow") is None:
        pytest.skip("TensorFlow is not there for this Python")
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = shared / "networks"
    with (shared / "networks.lock").open("w") as lock:  # of tests that run side by side, the first converts
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _convert(shared / "made")
            (shared / "made").rename(folder)
    return folder


def _convert(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "tests.models.convert", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
