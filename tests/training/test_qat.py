"""Quantization-aware training: where ranges begin, and that any network comes out of it in full integers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from edgewright.tflite.reader import read_model

if TYPE_CHECKING:
    from testbench.stages import Stages

KNOWN = """
def build():
    layers = keras.layers
    return keras.Sequential([
        layers.InputLayer((6, 6, 1)),
        layers.DepthwiseConv2D(3, padding="same", name="depthwise_conv2d"),
        layers.SeparableConv2D(4, 3, activation="relu", name="first"),
        layers.SeparableConv2D(4, 3, activation="relu", name="second"),
        layers.Flatten(),
        layers.Dense(8, name="dense"),
        layers.BatchNormalization(name="norm"),
        layers.ReLU(6.0, name="relu6"),
        layers.Dense(2, activation="softmax", name="classes"),
    ])
"""

UNKNOWN = """
def build():
    layers = keras.layers
    image = keras.Input((6, 6, 1))
    x = layers.Reshape((6, 6))(image)
    x = layers.Conv1D(4, 3, name="over_time")(x)
    x = layers.PReLU(name="slopes")(x)
    x = layers.Flatten()(x)
    gate = layers.Dense(16, activation="sigmoid", name="gate")(x)
    x = layers.Multiply(name="gated")([x, gate])
    x = layers.Dense(6, activation="hard_sigmoid", name="hard")(x)
    inner = keras.Sequential([layers.InputLayer((6,)), layers.Dense(4, activation="relu", name="hidden")], name="inner")
    return keras.Model(image, layers.Dense(2, activation="softmax", name="classes")(inner(x)))
"""


def trained(stages: Stages, source: Path, folder: Path, **section: Any) -> tuple[str, dict[str, Any]]:
    """What was printed, and quantize.json."""
    stages.train(source, folder / "float.h5", epochs=1)
    return quantized(stages, source, folder, **section)


def quantized(stages: Stages, source: Path, folder: Path, **section: Any) -> tuple[str, dict[str, Any]]:
    """The same of a model that is there."""
    files = ("--model", folder / "float.h5", "--out", folder / "m.tflite", "--stats", folder / "q.json")
    chosen = {"calibration_samples": 32, "qat": "always", "qat_epochs": 1, **section}
    options = {"data": {"validation": 50}, "quantize": chosen, "train": {"batch_size": 50}}
    printed = stages.run("quantize", *files, "--source", source, **options)
    return printed, json.loads((folder / "q.json").read_text())


def float_tensors(folder: Path) -> list[str]:
    return [tensor.name for tensor in read_model(folder / "m.tflite").tensors.values() if tensor.dtype == "float32"]


def test_norms_are_folded_and_ranges_begin_at_the_calibrated_ones(
    tmp_path: Path, stages: Stages, model_py: Any
) -> None:
    _, facts = trained(stages, model_py(KNOWN), tmp_path)
    assert facts["qat"]["ranges"] == "learned"
    assert facts["qat"]["without_fake_quantization"] == {}
    assert float_tensors(tmp_path) == []
    graph = read_model(tmp_path / "m.tflite")
    [hidden, _] = [view.outputs[0] for view in graph.views() if view.node.op == "FULLY_CONNECTED"]
    assert hidden.quantization is not None
    assert hidden.quantization.zero_point < -120  # from [-6, 6] it would be -1


def test_clusters_of_depthwise_kernels_are_held(tmp_path: Path, stages: Stages, model_py: Any) -> None:
    source = model_py(KNOWN)
    stages.train(source, tmp_path / "trained.h5", epochs=1)
    files = ("--model", tmp_path / "trained.h5", "--out", tmp_path / "float.h5", "--stats", tmp_path / "c.json")
    options: dict[str, Any] = {"data": {"validation": 50}, "train": {"epochs": 1}}
    entry = {"clusters": 2, "skip": ["dense", "classes"]}
    stages.run("compress", "--pass", "cluster", *files, "--source", source, compress=entry, **options)
    _, facts = quantized(stages, source, tmp_path, qat_kind="cqat")
    assert facts["qat"]["without_fake_quantization"]["depthwise_conv2d"] == "keeps its few values and is not trained"
    graph = read_model(tmp_path / "m.tflite")
    kernels = [view.inputs[1] for view in graph.views() if view.node.op == "DEPTHWISE_CONV_2D"]
    assert kernels
    for kernel in kernels:
        assert kernel is not None
        assert kernel.data is not None
        channels = np.asarray(kernel.data).reshape(-1, kernel.shape[-1]).T
        assert max(len(np.unique(channel)) for channel in channels) <= 2


def test_layers_that_cannot_be_rounded_are_named_and_trained_on(tmp_path: Path, stages: Stages, model_py: Any) -> None:
    printed, facts = trained(stages, model_py(UNKNOWN), tmp_path, calibration="mse")
    left = facts["qat"]["without_fake_quantization"]
    assert list(left) == ["over_time", "slopes", "gated", "hard", "inner"]
    assert left["hard"] == "Dense with hard_sigmoid is unknown to tensorflow-model-optimization"
    assert facts["qat"]["ranges"] == "calibrated"
    assert "quantize: inner is a model within the model: no fake quantization there" in printed
    assert float_tensors(tmp_path) == []
