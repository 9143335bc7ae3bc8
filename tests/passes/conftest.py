"""What tests of passes share: the worked example's network, trained on a slice of its data once a session."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from testbench.once import once
from tests.passes.fashion import DATA, TRAIN

if TYPE_CHECKING:
    from testbench.stages import Stages


@pytest.fixture(scope="session")
def stages(resident: Stages) -> Stages:
    """Most tests here ask what passes do, and passes are many: one process runs them."""
    return resident


@pytest.fixture(scope="session")
def fashion_cnn(stages: Stages, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """fashion_cnn(name): a new folder with its float.h5, for a file of tests to work in."""

    def train(folder: Path) -> None:
        files = ("--out", folder / "float.h5", "--stats", folder / "train.json")
        stages.run("train", "--source", "models/fashion_cnn/model.py", *files, data=DATA, train=TRAIN)

    def folder(name: str) -> Path:
        return Path(shutil.copytree(once(tmp_path_factory, "fashion_cnn", train), tmp_path_factory.mktemp(name) / "f"))

    return folder
