"""What tests of passes share: the worked example's network, trained on a slice of its data once a session."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.passes.fashion import DATA, TRAIN

if TYPE_CHECKING:
    from testbench.stages import Stages


@pytest.fixture(scope="session")
def _trained(stages: Stages, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fashion_cnn")
    files = ("--source", "models/fashion_cnn/model.py", "--out", folder / "float.h5", "--stats", folder / "train.json")
    stages.run("train", *files, data=DATA, train=TRAIN)
    return folder


@pytest.fixture(scope="session")
def fashion_cnn(_trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """fashion_cnn(name): a new folder with its float.h5, for a file of tests to work in."""

    def folder(name: str) -> Path:
        made = tmp_path_factory.mktemp(name)
        for path in _trained.iterdir():
            (made / path.name).write_bytes(path.read_bytes())
        return made

    return folder
