"""Each kind of task from training to the C of the device, tiny: it learns, its metric comes through every stage."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from edgewright.tflite.ends import outputs_of
from edgewright.tflite.reader import read_model

if TYPE_CHECKING:
    from testbench.stages import Stages

HEAD = """
import numpy as np
from tensorflow import keras

layers = keras.layers


def numbers(n=260, width=4, seed=7):
    return np.random.default_rng(seed).normal(0, 1, (n, width)).astype("float32")


def cut(x, y):
    def part(values, where):
        return {k: v[where] for k, v in values.items()} if isinstance(values, dict) else values[where]
    train, test = slice(0, 200), slice(200, None)
    return part(x, train), part(y, train), part(x, test), part(y, test)


def dense(outputs, activation=None):
    return keras.Sequential([
        layers.InputLayer((4,)), layers.Dense(16, activation="relu"), layers.Dense(outputs, activation=activation)])
"""

BINARY = """
def build(): return dense(1, "sigmoid")
def load():
    x = numbers()
    return cut(x, (x[:, 0] + x[:, 1] > 0).astype(int))
"""
LABELS = """
def build(): return dense(3, "sigmoid")
def load():
    x = numbers()
    return cut(x, (x[:, :3] > 0).astype(int))
"""
NUMBERS = """
def build(): return dense(1)
def load():
    x = numbers()
    return cut(x, 3 * x[:, 0] - x[:, 1])
def cost(truth, outputs): return float(np.mean(np.abs(truth - outputs) > 1))
def asymmetric(truth, outputs):
    import tensorflow as tf
    difference = outputs - truth
    return tf.reduce_mean(tf.maximum(2 * difference, -difference), axis=-1)
"""
STEPS = """
def build():
    x = inputs = keras.Input((6, 2))
    x = layers.Conv1D(8, 3, padding="same", activation="relu")(x)
    return keras.Model(inputs, layers.Dense(2, activation="softmax")(x))
def load():
    x = numbers(260, 12).reshape(260, 6, 2)
    return cut(x, (x[..., 0] > x[..., 1]).astype(int))
"""
ANOMALY = """
def build():
    return keras.Sequential([layers.InputLayer((8,)), layers.Dense(4, activation="relu"), layers.Dense(8)])
def load():
    random = np.random.default_rng(3)
    base = random.normal(0, 1, (260, 2)).astype("float32")
    x = np.concatenate([base, -base, base, base], axis=1)
    y = np.zeros(260, int)
    y[150:170] = y[200:230] = 1
    x[y == 1, 3] += 4
    return cut(x, y)
"""
SEVERAL = """
def build():
    left, right = keras.Input((4,), name="zeta"), keras.Input((3,), name="alpha")
    h = layers.Dense(16, activation="relu")(layers.Concatenate()([left, right]))
    angle = layers.Dense(1, name="angle")(h)
    kind = layers.Dense(2, activation="softmax", name="kind")(h)
    return keras.Model([left, right], [angle, kind])
def load():
    x = numbers(260, 7)
    y = {"kind": (x[:, 0] > 0).astype(int), "angle": x[:, 1] + x[:, 4]}
    return cut({"alpha": x[:, 4:], "zeta": x[:, :4]}, y)
"""
TASKS: dict[str, tuple[str, dict[str, Any], float]] = {
    "binary": (BINARY, {"kind": "binary", "metrics": ["auc", "f1", "balanced_accuracy"]}, 0.9),
    "labels": (LABELS, {"kind": "multi-label", "metric": "f1", "metrics": ["accuracy"]}, 0.9),
    "numbers": (NUMBERS, {"kind": "regression", "metric": "rmse", "metrics": ["r2", "mae"], "unit": "V"}, 0.6),
    "own": (
        NUMBERS,
        {"kind": "regression", "loss": "model:asymmetric", "metric": "model:cost", "better": "less"},
        0.2,
    ),
    "steps": (STEPS, {"kind": "sequence", "metrics": ["f1"]}, 0.85),
    "anomaly": (ANOMALY, {"kind": "reconstruction", "metrics": ["reconstruction_error"], "false_alarms": 0.1}, 0.9),
    "several": (
        SEVERAL,
        {"outputs": [{"name": "kind"}, {"name": "angle", "kind": "regression", "unit": "deg", "weight": 0.5}]},
        0.85,
    ),
}
"""Name -> model.py, `[task]`, and what the metric has to come to."""

DATA = {"validation": 60}
TRAIN = {"epochs": 15, "batch_size": 20, "learning_rate": 0.01}


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


@pytest.fixture(scope="module", params=TASKS)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, stages: Stages) -> Any:
    """The folder of a trained, quantized and evaluated model, and what of TASKS it is."""
    source_text, task, least = TASKS[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    source = folder / "model.py"
    source.write_text(HEAD + source_text)
    model, out = folder / "float.h5", folder / "m.tflite"
    data = {"data": DATA, "task": task}
    learning = {key: value for key, value in task.items() if key in ("kind", "loss")}
    if "outputs" in task:
        names = ("name", "kind", "loss", "weight")
        learning["outputs"] = [{k: v for k, v in output.items() if k in names} for output in task["outputs"]]
    files = ("--source", source, "--out", folder / "data.npz", "--facts", folder / "data.json")
    stages.run("data", *files, **data)
    files = ("--source", source, "--prepared", folder / "data.npz", "--out", model, "--stats", folder / "train.json")
    stages.run("train", *files, data=DATA, train=TRAIN, task=learning)
    files = ("--source", source, "--model", model)
    known = folder / "floats.npy"
    stages.run("evaluate", *files, "--split", "test", "--out", folder / "float.json", "--answers", known, **data)
    quantize = {"calibration_samples": 200, "qat_epochs": 1}
    stages.run("quantize", *files, "--out", out, "--stats", folder / "q.json", quantize=quantize, train=TRAIN, **data)
    files = (
        "--model",
        out,
        "--prepared",
        folder / "data.npz",
        "--source",
        source,
        "--out",
        folder / "int8.json",
        "--answers",
        folder / "answers.json",
        "--float-answers",
        known,
    )
    printed = stages.run("evaluate_tflite", *files, runtime="aot", **data)
    return folder, task, least, printed


def test_it_learns_and_its_c_is_worth_the_same(made: Any) -> None:
    folder, task, least, printed = made
    floats, int8 = (read(folder / name) for name in ("float.json", "int8.json"))
    first = task.get("outputs", [task])[0]
    assert floats["metric"] == int8["metric"] == (first.get("metric") or floats["metric"])
    better = floats["better"] == "more"
    assert floats["value"] > least if better else floats["value"] < least
    assert abs(floats["value"] - int8["value"]) < max(0.1, least / 2 if not better else 0)
    assert int8["interval"][0] <= int8["value"] <= int8["interval"][1]
    assert int8["metric"] in printed
    assert f"of {int8['samples']} test examples" in printed


def test_every_metric_that_was_asked_for_is_told(made: Any) -> None:
    folder, task, _, _ = made
    told = read(folder / "int8.json").get("others", [])
    wanted = [*task.get("metrics", [])]
    if "outputs" in task:
        assert [(row["metric"], row["output"], row["unit"]) for row in told] == [("mae", "angle", "deg")]
    else:
        assert [row["metric"] for row in told] == wanted


def test_the_judge_tells_the_metric_of_int8_on_validation_data(made: Any) -> None:
    folder, _, _, _ = made
    judged, floats = read(folder / "q.json")["validation"], read(folder / "float.json")
    assert (judged["better"], judged["title"]) == (floats["better"], floats["title"])
    assert abs(judged["quantized"] - judged["float"]) < 0.3


def test_answers_are_counted_output_by_output_and_held_against_the_float_models(made: Any) -> None:
    folder, task, _, _ = made
    found = read(folder / "answers.json")["outputs"]
    wanted = [(output.get("kind", "classification"), output.get("name")) for output in task.get("outputs", [task])]
    assert [(row["kind"], row["output"]) for row in found] == wanted
    assert all(row["samples"] == 60 for row in found)
    assert found[0]["worse" if found[0]["kind"] == "regression" else "lost"] is not None
    told = {"regression": "numbers", "multi-label": "labels"}
    assert all(row[told.get(row["kind"], "confusion")] for row in found)


def test_outputs_keep_their_names(made: Any) -> None:
    folder, task, _, _ = made
    if "outputs" not in task:
        pytest.skip("one output")
    graph = read_model(folder / "m.tflite")
    assert [graph.tensors[number].name for number in graph.inputs] == ["zeta", "alpha"]
    assert [graph.tensors[number].name for number in graph.outputs] == ["angle", "kind"]
    assert outputs_of(graph, ["kind", "angle"]) == [1, 0]


@pytest.mark.parametrize(  # distill stands for both: it does nothing else
    ("name", "keys"),
    [("distill", {"epochs": 15}), pytest.param("prune_channels", {"steps": 1}, marks=pytest.mark.slow)],
)
def test_each_of_several_outputs_has_a_teacher(
    name: str, keys: dict[str, Any], made: Any, tmp_path: Path, stages: Stages
) -> None:
    """A network that has hardly learned comes up to its teacher by what that answers alone."""
    folder, task, _, _ = made
    if "outputs" not in task:
        pytest.skip("one output")
    files = ("--source", folder / "model.py", "--prepared", folder / "data.npz")
    student, out, teacher = tmp_path / "student.h5", tmp_path / "out.h5", folder / "float.h5"
    learning = {"outputs": [{k: v for k, v in output.items() if k != "unit"} for output in task["outputs"]]}
    short = TRAIN | {"epochs": 1}
    stages.run(
        "train", *files, "--out", student, "--stats", tmp_path / "train.json", data=DATA, train=short, task=learning
    )
    passed = ("--pass", name, "--model", student, "--reference", teacher, "--out", out, "--stats", tmp_path / "p.json")
    stages.run("compress", *passed, *files, compress={"share": 1.0, **keys}, data=DATA, train=TRAIN, task=task)
    worth = {}
    for model in (student, out):
        files = ("--source", folder / "model.py", "--prepared", folder / "data.npz", "--model", model)
        stages.run("evaluate", *files, "--split", "test", "--out", tmp_path / "e.json", data=DATA, task=task)
        found = read(tmp_path / "e.json")
        worth[model] = (found["value"], found["others"][0]["value"])
    assert worth[out][0] > 0.85 > worth[student][0]
    assert worth[out][1] < worth[student][1] / 2


def test_the_threshold_of_anomalies_is_of_validation_data(made: Any) -> None:
    folder, task, _, _ = made
    if task.get("kind") != "reconstruction":
        pytest.skip("no reconstruction")
    found = read(folder / "q.json")["anomaly"]
    assert found["threshold"] == np.float32(found["threshold"])
    assert 0 <= found["false_alarms"] <= 0.1
    assert found["found"] > 0.8
    assert found["examples"] == 60
    assert read_model(folder / "m.tflite").anomaly == found["threshold"]
