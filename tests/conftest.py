"""What holds for all tests: the slow ones run when they are asked for; stages that train share one warm process."""

from __future__ import annotations

import gc
import os
import shutil
import textwrap
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from edgewright import scratch
from testbench import compiler_cache
from testbench.resident import Resident
from testbench.stages import Stages

# pictures that are bright in the lower or in the upper half; held() is for [train] callbacks
OWN_DATA = """
import time
from pathlib import Path
import numpy as np
from tensorflow import keras

LABELS = ("lower", "upper")
HOLD = Path(__file__).parent.with_name("hold")  # beside the folder: what is in it shapes the model

def wait(epoch):  # while there is a file `hold`, no epoch but the first begins
    while epoch and HOLD.exists():
        time.sleep(0.01)

def held():
    return keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, _logs: wait(epoch))

def load():
    random = np.random.default_rng(7)
    y = random.integers(0, 2, 400)
    x = random.random((400, 6, 6, 1), dtype=np.float32) * 0.5
    x[y == 1, :3] += 0.5
    x[y == 0, 3:] += 0.5
    return x[:300], y[:300], x[300:], y[300:]
"""

DENSE = """
def build():
    return keras.Sequential([keras.layers.Flatten(input_shape=(6, 6, 1)), keras.layers.Dense(2, activation="softmax")])
"""


WARM = "EDGEWRIGHT_WARM"
"""The variable of the socket behind which TensorFlow is imported; builds that tests start use it, too."""

LAST = ("zoo", "ops", "hostile", "failing", "unit")
"""Folders of short files, run after all others: where two files run at a time, no long one is left for the end."""


def pytest_configure(config: pytest.Config) -> None:
    """What spares the processes that tests start the same work again: compiled files, and TensorFlow imported."""
    gc.disable()  # until all is collected
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    warm = scratch.make()  # of each worker
    config.add_cleanup(partial(shutil.rmtree, warm, ignore_errors=True))
    os.environ |= {f"{WARM}": str(warm / "socket"), f"{WARM}_OWNER": str(os.getpid()), f"{WARM}_IDLE_S": "600"}
    if not hasattr(config, "workerinput"):
        folder = scratch.make()
        config.add_cleanup(partial(shutil.rmtree, folder, ignore_errors=True))
        compiler_cache.use(folder)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="also run the tests that need minutes each")
    parser.addoption("--screenshots", default="build/screenshots", help="folder for pictures of pages, to be looked at")
    parser.addoption(
        "--live-all", action="store_true", help="hold all stages and files against real builds, not a sample"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=_place)
    for option, marker in (("--slow", "slow"), ("--live-all", "live_all")):
        if not config.getoption(option):
            skip(items, marker, f"needs minutes; {option} runs it")


def pytest_collection_finish() -> None:
    """What was collected stays: from here on garbage is looked for among what tests make, not in all of that."""
    gc.freeze()
    gc.enable()


def _place(item: pytest.Item) -> int:
    folder = item.path.parent.name
    return LAST.index(folder) if folder in LAST else -1


def skip(items: list[pytest.Item], marker: str, reason: str) -> None:
    for item in items:
        if item.get_closest_marker(marker):
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def alone() -> Stages:
    """Stages without a warm process."""
    return Stages({name: value for name, value in os.environ.items() if not name.startswith(WARM)})


@pytest.fixture(scope="session")
def stages() -> Stages:
    """Stages with the warm process that lives as long as the session."""
    return Stages(dict(os.environ))


@pytest.fixture(scope="session")
def resident() -> Iterator[Stages]:
    """Stages of which those with TensorFlow run one after the other in one process."""
    stages = Resident(dict(os.environ))
    yield stages
    stages.end()


@pytest.fixture
def model_py(tmp_path: Path) -> Callable[..., Path]:
    """Makes a model.py that brings the small data set above."""

    def make(build: str = DENSE, name: str = "tiny") -> Path:
        source = tmp_path / name / "model.py"
        source.parent.mkdir()
        source.write_text(OWN_DATA + textwrap.dedent(build))
        return source

    return make
