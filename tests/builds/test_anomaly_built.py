"""A reconstruction from its data to an emulated microcontroller: judged by AUC, its threshold in C."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

SCONSTRUCT = """\
env = Environment(tools=["edge"], toolpath=[PyPackageDir("edgewright.scons")])
env.EdgeProject(target="m4", model="hum")
"""
MODEL = """\
description = "what a machine sounds like when it is well"

[data]
validation = 60

[train]
epochs         = 12
batch_size     = 20
learning_rate  = 0.01
early_stopping = { patience = 6 }

[task]
kind         = "reconstruction"
metrics      = ["reconstruction_error"]
false_alarms = 0.1
"""
SOURCE = """\
import numpy as np
from tensorflow import keras


def build():
    layers = keras.layers
    return keras.Sequential([layers.InputLayer((8,)), layers.Dense(4, activation="relu"), layers.Dense(8)])


def load():
    random = np.random.default_rng(3)
    base = random.normal(0, 1, (260, 2)).astype("float32")
    x = np.concatenate([base, -base, base, base], axis=1)
    y = np.zeros(260, int)
    y[150:170] = y[200:230] = 1
    x[y == 1, 3] += 4
    return x[:200], y[:200], x[200:], y[200:]
"""
TARGET = """\
description = "a microcontroller"
board       = "mps2-an386"
runtime     = "aot"

[budget]
accuracy_loss = 0.2
metric        = 0.8

[[compress]]
pass     = "prune"
epochs   = 2
schedule = { kind = "constant", final = 0.25, begin_step = 0, end_step = 10 }

[quantize]
calibration_samples = 100
qat                 = "never"

[measure]
transport = "qemu"
runs      = 1
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of the build, and what scons printed."""
    folder = tmp_path_factory.mktemp("anomaly")
    files = {"SConstruct": SCONSTRUCT, "models/hum/model.toml": MODEL, "models/hum/model.py": SOURCE}
    for name, text in {**files, "targets/m4.toml": TARGET}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    goals = ("build/m4/hum/budget.txt", "headers")  # and no pages
    command = [sys.executable, str(Path(sys.executable).with_name("scons")), "cache=off", *goals]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "build/m4/hum", done.stdout


def report(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return found


def test_its_metric_is_told_in_each_step_with_its_interval(built: tuple[Path, str]) -> None:
    accuracy = report(built[0])["accuracy"]
    assert (accuracy["metric"], accuracy["share"]) == ("auc", False)
    assert [step["step"] for step in accuracy["steps"]] == ["prune"]
    for name in ("float", "quantized"):
        low, high = accuracy[f"{name}_interval"]
        assert 0.8 < low <= accuracy[name] <= high <= 1
    [other] = accuracy["others"]
    assert (other["metric"], other["better"]) == ("reconstruction_error", "less")


def test_the_table_and_the_budget_speak_of_it(built: tuple[Path, str]) -> None:
    folder, printed = built
    value = report(folder)["accuracy"]["quantized"]
    assert re.search(rf"test +AUC {value:.4g} \(.* to .*\) of 60 test examples", printed)
    assert re.search(r"metric_loss: .* of 0\.2: ok", printed)
    assert re.search(r"metric: .* at least 0\.8: ok", printed)


def test_the_device_gives_its_answers_and_knows_the_threshold(built: tuple[Path, str]) -> None:
    folder, _ = built
    assert report(folder)["latency"]["outputs_agree"]["equal"]
    facts = json.loads((folder / "hum_tflite.json").read_text())["anomaly"]
    macro = re.compile(r"#define HUM(?:_TFLITE)?_ANOMALY_THRESHOLD ([0-9.e-]+)f")
    for header in ("c/hum.h", "bundle/src/hum.h", "hum_tflite.h"):
        path = folder / header
        [found] = macro.findall(path.read_text())
        assert float(found) == pytest.approx(facts["threshold"], rel=1e-6)
