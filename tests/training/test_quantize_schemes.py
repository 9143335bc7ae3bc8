"""The schemes, calibrations and trainings of `[quantize]` on a network that learned a slice of Fashion-MNIST."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from edgewright.tflite.reader import read_model
from edgewright.training import calibrate
from edgewright.training.sensitivity import layer_of

if TYPE_CHECKING:
    from testbench.stages import Stages

FASHION = {"dataset": "fashion-mnist", "validation": 200, "limit": 800}
TRAIN = {"epochs": 3, "batch_size": 50, "seed": 3, "learning_rate": 0.002}


@pytest.fixture(scope="module")
def folder(stages: Stages, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fashion_cnn trained, and pruned to three quarters."""
    folder = tmp_path_factory.mktemp("schemes")
    source = ("--source", "models/fashion_cnn/model.py")
    float_h5 = folder / "float.h5"
    stages.run("train", *source, "--out", float_h5, "--stats", folder / "train.json", data=FASHION, train=TRAIN)
    files = ("--model", float_h5, "--out", folder / "pruned.h5", "--stats", folder / "pruned.json")
    schedule = {"final": 0.75, "end_step": 20}
    stages.run("compress", "--pass", "prune", *files, compress={"schedule": schedule}, data=FASHION, train=TRAIN)
    return folder


def quantize(folder: Path, stages: Stages, name: str, code: int = 0, **section: Any) -> Any:
    """The statistics of `<name>.tflite`; what was printed, when the stage has to fail."""
    model = folder / section.pop("model", "float.h5")
    files = ("--model", model, "--out", folder / f"{name}.tflite", "--stats", folder / f"{name}.json")
    section = {"calibration_samples": 50, "qat": "never", **section}
    printed = stages.run("quantize", *files, code=code, data=FASHION, quantize=section, train=TRAIN)
    return printed if code else json.loads((folder / f"{name}.json").read_text())


def accuracy(folder: Path, stages: Stages, name: str, runtime: str = "litert") -> float:
    out = folder / f"{name}-{runtime}.json"
    if not out.exists():
        files = ("--model", folder / f"{name}.tflite", "--out", out)
        stages.run("evaluate_tflite", *files, runtime=runtime, data=FASHION)
    return float(json.loads(out.read_text())["value"])


@pytest.fixture(scope="module")
def of_float32(folder: Path, stages: Stages) -> float:
    """Accuracy of the model as it was trained."""
    quantize(folder, stages, "float32", scheme="float32")
    return accuracy(folder, stages, "float32")


@pytest.mark.parametrize(
    ("scheme", "ends", "bytes_a_weight"),
    [("int8", "int8", 1), ("int16x8", "int16", 1), ("dynamic", "float32", 1), ("float16", "float32", 2)],
)
def test_each_scheme_keeps_the_accuracy(
    folder: Path, stages: Stages, of_float32: float, scheme: str, ends: str, bytes_a_weight: int
) -> None:
    stats = quantize(folder, stages, scheme, scheme=scheme)
    assert [stats[key][0]["dtype"] for key in ("inputs", "outputs")] == [ends, ends]
    assert bytes_a_weight <= stats["tflite_bytes"] / 216_650 < bytes_a_weight + 0.05
    assert abs(accuracy(folder, stages, scheme) - of_float32) <= 0.01


def test_int16x8_runs_as_c(folder: Path, stages: Stages) -> None:
    quantize(folder, stages, "c16", scheme="int16x8")
    assert accuracy(folder, stages, "c16", "aot") == accuracy(folder, stages, "c16")


def test_calibration_changes_the_ranges_and_no_interface(folder: Path, stages: Stages) -> None:
    scales = {}
    for name, section in (("minmax", {}), ("percentile", {"percentile": 95.0}), ("mse", {})):
        quantize(folder, stages, name, calibration=name, **section)
        graph = read_model(folder / f"{name}.tflite")
        [conv] = [node for node in graph.nodes if node.op == "CONV_2D"]
        ends = [graph.tensors[number].quantization for number in (*graph.inputs, *conv.outputs)]
        scales[name] = [end.scale for end in ends if end is not None]
    assert scales["percentile"][1] < scales["mse"][1] < scales["minmax"][1]
    assert scales["percentile"][0] == scales["mse"][0] == scales["minmax"][0]


def test_layers_of_16_bits_are_spliced_into_int8(folder: Path, stages: Stages) -> None:
    stats = quantize(folder, stages, "mixed", int16_layers=["conv"])
    assert stats["ops"] == ["QUANTIZE", "CONV_2D", "QUANTIZE", "RESHAPE", "FULLY_CONNECTED", "SOFTMAX"]
    assert [stats[key][0]["dtype"] for key in ("inputs", "outputs")] == ["int8", "int8"]
    graph = read_model(folder / "mixed.tflite")
    assert [graph.tensors[node.outputs[0]].dtype for node in graph.nodes[:3]] == ["int16", "int16", "int8"]
    quantize(folder, stages, "plain")
    assert abs(accuracy(folder, stages, "mixed") - accuracy(folder, stages, "plain")) <= 0.01
    assert accuracy(folder, stages, "mixed", "aot") == accuracy(folder, stages, "mixed")


def test_a_layer_that_is_not_there_is_named(folder: Path, stages: Stages) -> None:
    printed = quantize(folder, stages, "none", code=2, int16_layers=["conf"])
    assert "[quantize] int16_layers: no such layer, got 'conf', allowed: classes, conv, flatten" in printed
    assert "did you mean 'conv'?" in printed


def test_sensitivity_has_a_row_for_each_layer_that_computes(folder: Path, stages: Stages) -> None:
    rows = quantize(folder, stages, "rows", sensitivity=True)["sensitivity"]
    assert [(row["layer"], row["op"]) for row in rows] == [
        ("conv", "CONV_2D"),
        ("classes", "FULLY_CONNECTED"),
        ("classes", "SOFTMAX"),
    ]
    assert all(20 < row["sqnr_db"] < 90 and abs(row["metric_loss"]) < 0.05 for row in rows)


def test_nothing_is_trained_where_int8_is_good_enough(folder: Path, stages: Stages) -> None:
    stats = quantize(folder, stages, "auto", qat="auto", qat_threshold=0.05)
    assert stats["validation"]["examples"] == 200
    assert "qat" not in stats


def test_training_keeps_the_zeros_of_pruning(folder: Path, stages: Stages) -> None:
    before = quantize(folder, stages, "pruned", model="pruned.h5")
    after = quantize(folder, stages, "trained", model="pruned.h5", qat="always", qat_epochs=2)
    assert after["qat"]["kind"] == "pqat"
    assert len(after["qat"]["training"]) == 2
    assert after["nonzero_weights"] <= before["nonzero_weights"] + 42  # biases, which are free to move
    assert after["validation"]["quantized"] > before_training(after) - 0.05
    assert [after[key][0]["dtype"] for key in ("inputs", "outputs")] == ["int8", "int8"]
    assert not list(folder.glob(".trained*"))  # no checkpoint is left


def before_training(stats: dict[str, Any]) -> float:
    return float(stats["qat"]["without"]["quantized"])


def test_clusters_stay_few_values(folder: Path, stages: Stages) -> None:
    files = ("--model", folder / "pruned.h5", "--out", folder / "clustered.h5", "--stats", folder / "clustered.json")
    entry = {"clusters": 8, "epochs": 1}
    stages.run("compress", "--pass", "cluster", *files, compress=entry, data=FASHION, train=TRAIN)
    stats = quantize(folder, stages, "clusters", model="clustered.h5", qat="always", qat_epochs=1)
    assert stats["qat"]["kind"] == "pcqat"
    graph = read_model(folder / "clusters.tflite")
    [dense] = [node for node in graph.nodes if node.op == "FULLY_CONNECTED"]
    weights = graph.tensors[dense.inputs[1]].data
    assert weights is not None
    assert max(len(np.unique(channel)) for channel in np.asarray(weights).reshape(10, -1)) <= 8
    assert np.mean(np.asarray(weights) == 0) > 0.7


def test_too_few_examples_are_refused(folder: Path, stages: Stages) -> None:
    printed = quantize(folder, stages, "few", code=2, calibration_samples=3)
    assert "quantize.calibration_samples: is out of range, got 3, allowed: at least 16" in printed


def histogram(values: Any) -> calibrate.Histogram:
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    return calibrate.Histogram(low, high, np.histogram(values, calibrate.BINS, (low, high))[0].astype(np.float64))


def test_percentile_leaves_out_the_tails() -> None:
    values = np.random.default_rng(1).normal(size=100_000)
    low, high = calibrate.by_percentile(99.0)(histogram(values))
    assert (low, high) == pytest.approx((-2.576, 2.576), abs=0.06)
    low, high = calibrate.by_percentile(99.0)(histogram(np.maximum(values, 0)))
    assert (low, high) == (0.0, pytest.approx(2.326, abs=0.06))
    whole = histogram(values)
    assert calibrate.by_percentile(100.0)(whole) == pytest.approx((whole.low, whole.high), abs=0.01)


def test_least_error_weighs_one_far_value_against_finer_steps() -> None:
    values = np.random.default_rng(1).uniform(0, 1, 100_000)
    assert calibrate.by_error(histogram(values)) == pytest.approx((0, 1), abs=0.02)
    far = 20.0  # an end h costs (far - h)^2 for that value, and (h / 255)^2 / 12 for each of the others
    best = far / (1 + len(values) / (12 * 255**2))
    assert calibrate.by_error(histogram(np.append(values, far)))[1] == pytest.approx(best, abs=0.3)


def test_the_layer_with_the_weights_names_a_fused_operator() -> None:
    layers = ["block_a", "block_a_norm", "block_a_relu", "classes"]
    name = "net/block_a_relu/Relu;net/block_a_norm/FusedBatchNormV3;net/block_a/Conv2D1"
    assert layer_of(name, layers) == "block_a"
    assert layer_of("StatefulPartitionedCall:0", layers) == "classes"
    assert layer_of("other", layers) == "other"
