"""The models of models/ learn from the data that they name: an epoch each, of the smallest one in every run."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from edgewright.home import home

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from testbench.stages import Stages

DIGITS, SLOW = "digits", ("diabetes", "fashion_anomaly", "motion")


@pytest.mark.parametrize("name", [DIGITS, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)])
def test_a_model_learns(name: str, tmp_path: Path, stages: Stages) -> None:
    pytest.importorskip("sklearn", reason="it is of the extra data: ./sconsw --setup")
    source = home() / "models" / name / "model.py"
    said = tomllib.loads(source.with_name("model.toml").read_text())
    sections = {"data": said.get("data", {}), "train": {**said["train"], "epochs": 1}, "task": said["task"]}
    stages.run("train", "--source", source, "--out", tmp_path / "m.h5", "--stats", tmp_path / "m.json", **sections)
    facts = json.loads((tmp_path / "m.json").read_text())
    assert facts["examples"] >= 30
    assert facts["epochs"][0]["val_loss"] > 0
