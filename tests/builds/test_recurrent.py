"""A recurrent model of one's own, with data of its own: trained, int8, and run on all three classes of devices.

A microcontroller stands for the others in the ordinary run; `--slow` has all three.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SCONSTRUCT = """\
env = Environment(tools=["edge"], toolpath=[PyPackageDir("edgewright.scons")])
env.EdgeProject(target="m4,pi,phone", model="waves")
"""
MODEL = """\
description = "rising, falling or neither"
labels      = ["rising", "falling", "neither"]

[data]
validation = 60

[train]
epochs        = 6
batch_size    = 20
learning_rate = 0.02
"""
SOURCE = """\
import numpy as np
from tensorflow import keras


def build():
    layers = keras.layers
    x = inputs = keras.Input((4, 2))
    x = layers.LSTM(6, return_sequences=True)(x)
    x = layers.GRU(5)(x)
    return keras.Model(inputs, layers.Dense(3, activation="softmax")(x))


def load():
    random = np.random.default_rng(5)
    y = random.integers(0, 3, 460)
    slope = np.array([1.0, -1.0, 0.0])[y]
    x = slope[:, None, None] * np.arange(4)[None, :, None] + random.normal(0, 0.3, (460, 4, 2))
    x = x.astype("float32")
    return x[:400], y[:400], x[400:], y[400:]
"""
TARGETS = {
    "m4": 'board = "mps2-an386"\nruntime = "aot"\n[measure]\ntransport = "qemu"\nruns = 1\n',
    "pi": 'board = "raspberry-pi-4"\nruntime = "tflite-runtime"\n[measure]\ntransport = "qemu"\nruns = 2\n',
    "phone": 'board = "android-arm64"\nruntime = "litert"\n[measure]\ntransport = "qemu"\nruns = 2\n',
}


ALWAYS = "m4"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> tuple[Path, str]:
    """The project after `scons`, and what it printed."""
    folder = tmp_path_factory.mktemp("recurrent")
    (folder / "models/waves").mkdir(parents=True)
    (folder / "targets").mkdir()
    (folder / "SConstruct").write_text(SCONSTRUCT)
    (folder / "models/waves/model.toml").write_text(MODEL)
    (folder / "models/waves/model.py").write_text(SOURCE)
    for name, text in TARGETS.items():
        steps = 'recurrent = "steps"\n' if name == "phone" else ""  # LiteRT loads no variables there
        quantize = f"[quantize]\ncalibration_samples = 100\n{steps}"
        (folder / f"targets/{name}.toml").write_text(f'description = "{name}"\n{text}{quantize}')
    targets = TARGETS if pytestconfig.getoption("--slow") else [ALWAYS]
    reports = [f"build/{target}/waves/report.json" for target in targets]  # and no pages of them
    command = [sys.executable, str(Path(sys.executable).with_name("scons")), "cache=off", *reports]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "build", done.stdout


@pytest.mark.parametrize(
    "target", [pytest.param(name, marks=() if name == ALWAYS else pytest.mark.slow) for name in TARGETS]
)
def test_it_learns_and_runs_there(built: tuple[Path, str], target: str) -> None:
    report = json.loads((built[0] / target / "waves/report.json").read_text())
    accuracy, latency = report["accuracy"], report["latency"]
    assert accuracy["float"] > 0.8
    assert abs(accuracy["quantized"] - accuracy["float"]) <= 0.05
    assert latency["kind"] == "emulated"
    assert latency["outputs_agree"]["max_difference"] <= (0 if target == "m4" else 1)
    assert latency["outputs_agree"]["argmax"] == 1.0
    assert report["size"]["float_macs"] > 0


def test_the_lstm_is_an_operator_and_the_gru_is_unrolled(built: tuple[Path, str]) -> None:
    folder, printed = built
    layers = [layer["op"] for layer in json.loads((folder / "m4/waves/c/compile.json").read_text())["layers"]]
    assert layers.count("UNIDIRECTIONAL_SEQUENCE_LSTM") == 1
    assert layers.count("TANH") == 4
    assert "gru (GRU): unrolled, step by step" in printed


@pytest.mark.slow
def test_both_are_unrolled_where_the_target_says_so(built: tuple[Path, str]) -> None:
    assert "lstm (LSTM), gru (GRU): unrolled, step by step" in built[1]
