"""A model that somebody brings, with data: source = ... in model.toml, int8, judged, and held against its budgets."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edgewright.importers import onnx, torch
from testbench.differential.oracle import Oracle
from testbench.imports.__main__ import FILES
from testbench.imports._networks import path_of
from testbench.scons import run_scons
from testbench.stages import import_commands

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from testbench.stages import Stages

SCONSTRUCT = """\
env = Environment(tools=["edge"], toolpath=[PyPackageDir("edgewright.scons")])
env.EdgeProject(target="here", model="net")
"""
TARGET = """\
description = "this machine"
board   = "raspberry-pi-4"
runtime = "litert"

[budget]
size   = "64 KiB"
metric = {metric}

[quantize]
qat = "never"

[measure]
transport = "host"
runs      = 2
"""
DATA = """\
from pathlib import Path

import numpy as np


def load():
    with np.load(Path(__file__).with_name("examples.npz")) as given:
        x, y = given["x"], given["y"]
    return x[:160], y[:160], x[160:], y[160:]
"""
FUNCTION = """\
import keras


def net():
    keras.utils.set_random_seed(1)
    layers = [keras.layers.Conv2D(6, 3, 2, activation="relu"), keras.layers.Flatten(), keras.layers.Dense(4, "softmax")]
    return keras.Sequential([keras.Input((8, 8, 3)), *layers])
"""
SOURCES = {
    "saved-model": path_of(FILES, "saved-model", "batch_norm"),
    "onnx": path_of(FILES, "onnx", "batch_norm"),
    "torch": path_of(FILES, "torch", "batch_norm"),
    "keras2-h5": path_of(FILES, "keras2-h5", "residual"),
    "keras3-h5": path_of(FILES, "keras3-h5", "separable"),
    "function": "nets:net",
}
SHAPES = {"keras3-h5": (10, 8, 1)}
ANSWERS = (
    "33333313330333333333333333133003333333033333133333333333133033333033203333303333"
    "31331133033130333333300333333333323333333233323333032133333333133333323332300310"
    "33131333323313333333003323333333333333333333333333333133333333333133030313130303"
)
"""Of the SavedModel, as `answers` gives them: that would be one more import."""

VERDICT = "build/here/net/budget.txt"
NEEDS = {"onnx": (onnx,), "torch": (onnx, torch)}
NAMED = {form: "/" if source.endswith("/") else Path(source).suffix for form, source in SOURCES.items()}
FORMS = [form if form == "saved-model" else pytest.param(form, marks=pytest.mark.slow) for form in SOURCES]


def brought(form: str, folder: Path) -> str:
    """What model.toml names, which lies beside it."""
    source = SOURCES[form]
    if form == "function":
        (folder / "nets.py").write_text(FUNCTION)
        return source
    name = f"brought{NAMED[form]}"
    path = Path(source)
    shutil.copytree(path, folder / name) if path.is_dir() else shutil.copyfile(path, folder / name)
    return name


def with_answers(form: str, folder: Path, source: str, stages: Stages) -> None:
    """Examples, each with the class that the model itself takes it for: so the float model is always right."""
    x = 2 * np.random.default_rng(0).standard_normal((240, *SHAPES.get(form, (8, 8, 3)))).astype(np.float32)
    y = [int(digit) for digit in ANSWERS] if form == "saved-model" else answers(f"{folder}/{source}", x, folder, stages)
    np.savez(folder / "examples.npz", x=x, y=np.array(y))


def answers(source: str, x: NDArray[np.float32], folder: Path, stages: Stages) -> list[int]:
    """The class of each example."""
    for words in import_commands(source, folder / "net.tflite"):
        stages.run(*words)
    with Oracle("LiteRT") as oracle:
        found = oracle.run((folder / "net.tflite").read_bytes(), [[each[None]] for each in x])
    return [int(np.argmax(each[0])) for each in found]


@pytest.mark.parametrize("form", FORMS)
def test_a_model_that_is_brought_is_judged_and_held_against_its_budgets(
    form: str, stages: Stages, tmp_path: Path
) -> None:
    if not all(module.ENVIRONMENT.is_there for module in NEEDS.get(form, ())):
        pytest.skip("the environment of the converter is not made")
    folder = tmp_path / "models/net"
    folder.mkdir(parents=True)
    (tmp_path / "targets").mkdir()
    source = brought(form, folder)
    with_answers(form, folder, source, stages)
    (tmp_path / "SConstruct").write_text(SCONSTRUCT)
    (folder / "model.toml").write_text(f'description = "brought"\nsource = "{source}"\n\n[data]\nvalidation = 40\n')
    (folder / "model.py").write_text(DATA)
    (tmp_path / "targets/here.toml").write_text(TARGET.format(metric=0.85))
    done = run_scons(tmp_path, VERDICT, "cache=no", timeout_s=600)
    assert done.returncode == 0, done.stdout + done.stderr
    facts = json.loads((tmp_path / "build/models/net/import.json").read_text())
    assert facts["error"]["real"] <= 1e-5
    (tmp_path / "targets/here.toml").write_text(TARGET.format(metric=1.01))
    done = run_scons(tmp_path, VERDICT, "cache=no", timeout_s=600)
    assert done.returncode != 0
    assert "metric" in done.stderr
