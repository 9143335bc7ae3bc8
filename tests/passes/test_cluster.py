from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest
from hypothesis import given, settings, strategies
from pydantic import ValidationError

from edgewright.passes import _centroids, cluster
from edgewright.tflite.reader import read_model
from testbench.stages import held, wait_for
from tests.conftest import OWN_DATA
from tests.passes.fashion import DATA as FASHION
from tests.passes.fashion import TRAIN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from testbench.stages import Stages


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"clusters": 1}, "greater than or equal to 2"),
        ({"clusters": 257}, "less than or equal to 256"),
        ({"layers": {"conv": 0}}, "greater than or equal to 2"),
        ({"layers": {"conv": 8}, "skip": ["conv"]}, "layers and skip both name 'conv'"),
        ({"init": "kmeans"}, "kmeans"),
        ({"clusters": 2, "preserve_sparsity": True}, "needs 3 clusters or more"),
        ({"layers": {"conv": 2}, "preserve_sparsity": True}, "needs 3 clusters or more"),
        ({"learning_rate": 0}, "greater than 0"),
    ],
)
def test_senseless_entries_are_refused(entry: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        cluster.Options.model_validate(entry)


def test_it_may_not_undo_latent() -> None:
    before: list[tuple[str, Any]] = [("prune", None), ("latent", None)]
    [error] = cluster.check_order(cluster.Options(), before, "compress[2]")
    assert str(error).startswith("compress[2].pass: 'cluster' may not come after 'latent'")
    assert cluster.check_order(cluster.Options(), before[:1], "compress[1]") == []


@settings(max_examples=80, deadline=None)
@given(
    weights=strategies.lists(strategies.floats(-2, 2, width=32), min_size=1, max_size=60),
    start=strategies.lists(strategies.floats(-2, 2, width=32), min_size=2, max_size=8, unique=True),
    zero=strategies.booleans(),
)
def test_refined_centroids_are_nearer_to_the_weights(weights: list[float], start: list[float], zero: bool) -> None:
    w, first = np.array(weights, np.float32), np.array(start, np.float32)
    if zero:
        first[0] = 0
    refined = _centroids.lloyd(w, first, zero)

    def error(centroids: NDArray[np.float32]) -> float:
        return float((np.abs(w[:, None].astype(np.float64) - centroids).min(axis=1) ** 2).sum())

    assert error(refined) <= error(first) + 1e-5
    assert not zero or refined[0] == 0


@pytest.fixture(scope="module")
def folder(stages: Stages, fashion_cnn: Callable[[str], Path]) -> Path:
    """The folder of a fashion_cnn that is trained on a slice of the data, pruned and then clustered."""
    place = fashion_cnn("clustered")
    run(place, stages, "prune", "float", "pruned", layers={"conv": 0.25, "classes": 0.9})
    run(place, stages, "cluster", "pruned", "clustered", clusters=8, layers={"conv": 16})
    return place


def run(place: Path, stages: Stages, name: str, model: str, out: str, code: int = 0, **compress: Any) -> str:
    files = ("--model", place / f"{model}.h5", "--out", place / f"{out}.h5", "--stats", place / f"{out}.json")
    return stages.run("compress", "--pass", name, *files, code=code, compress=compress, data=FASHION, train=TRAIN)


def statistics(place: Path, name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((place / f"{name}.json").read_text())
    return read


def accuracy(place: Path, name: str) -> float:
    return float(statistics(place, name)["trainings"][0][-1]["val_accuracy"])


def kernels(place: Path, name: str) -> list[NDArray[np.float32]]:
    """The kernels of fashion_cnn in an .h5 file: [3, 3, 1, 32] and [21632, 10]."""
    with h5py.File(place / f"{name}.h5") as file:
        layers = [file["model_weights"][layer] for layer in ("conv", "classes")]
        names = [next(name for name in layer.attrs["weight_names"] if "kernel" in str(name)) for layer in layers]
        return [np.asarray(layer[name]) for layer, name in zip(layers, names, strict=True)]


def test_each_layer_has_few_values_and_the_zeros_it_had(folder: Path) -> None:
    notes = statistics(folder, "clustered")["notes"]
    reached = {"conv": {"asked": 16, "reached": 16}, "classes": {"asked": 8, "reached": 8}}
    assert notes == {"left_alone": {}, "values": {"conv": 16, "classes": 8}, "reached": reached}
    for now, before, most in zip(kernels(folder, "clustered"), kernels(folder, "pruned"), (16, 8), strict=True):
        assert np.unique(now).size == most
        assert (now[before == 0] == 0).all()
        assert 0.95 * (before != 0).sum() < (now != 0).sum()
    assert accuracy(folder, "clustered") > 0.6


def test_each_channel_of_the_int8_model_has_few_values(folder: Path, stages: Stages) -> None:
    files = ("--model", folder / "clustered.h5", "--out", folder / "m.tflite", "--stats", folder / "q.json")
    stages.run("quantize", *files, data=FASHION, quantize={"calibration_samples": 20, "qat": "never"})
    constants = [t for t in read_model(folder / "m.tflite").tensors.values() if t.is_constant and t.dtype == "int8"]
    by_size = sorted((np.asarray(tensor.data) for tensor in constants), key=lambda data: data.size)
    assert [data.size for data in by_size] == [288, 216_320]
    for data, most in zip(by_size, (16, 8), strict=True):
        channels = data.reshape(data.shape[0], -1)  # [outputs, ...]
        assert max(np.unique(channel).size for channel in channels) <= most
        assert min(np.unique(channel).size for channel in channels) > 1


def test_clustered_int8_model_packs_better(folder: Path) -> None:
    pruned, clustered = (statistics(folder, name)["int8_tflite_gzip_bytes"] for name in ("pruned", "clustered"))
    assert clustered < 0.9 * pruned


@pytest.mark.parametrize(  # one stands for the others: what a start is, _centroids alone decides
    "init", ["density", *(pytest.param(name, marks=pytest.mark.slow) for name in ("linear", "random"))]
)
def test_every_start_and_a_dense_model(folder: Path, stages: Stages, init: str) -> None:
    run(folder, stages, "cluster", "float", init, init=init, epochs=1, skip=["conv"])
    conv, classes = kernels(folder, init)
    assert np.unique(classes).size <= 16
    assert np.unique(conv).size > 16
    assert statistics(folder, init)["notes"]["left_alone"] == {"conv": "skipped"}
    assert accuracy(folder, init) > 0.4


def test_mistakes_that_only_the_model_shows(folder: Path, stages: Stages) -> None:
    unknown = run(folder, stages, "cluster", "float", "x", code=2, layers={"clases": 4})
    assert "pass cluster: layers: the model has no such layer with weights, got 'clases'" in unknown
    assert "did you mean 'classes'?" in unknown
    zeros = run(folder, stages, "cluster", "pruned", "x", code=2, clusters=2)
    assert "layer 'conv' has zeros to preserve, got 2, allowed: 3 or more" in zeros
    nothing = run(folder, stages, "cluster", "float", "x", code=2, skip=["conv", "classes"])
    assert "no layer is left to cluster (conv: skipped; classes: skipped)" in nothing
    assert not (folder / "x.h5").exists()


MIXED = """
def build():
    image = keras.Input((6, 6, 1))
    x = keras.layers.Conv2D(8, 3, name="first", use_bias=False)(image)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.DepthwiseConv2D(3, padding="same", name="depthwise")(x)
    x = keras.layers.SeparableConv2D(8, 3, padding="same", name="separable")(x)
    layers = [keras.layers.Conv2D(16, 1, name="inner"), keras.layers.Conv2D(4, 3, name="other")]
    inner = keras.Sequential([keras.layers.Input((4, 4, 8)), *layers], name="block")
    x = keras.layers.Flatten()(inner(x))
    return keras.Model(image, keras.layers.Dense(2, activation="softmax", name="last")(x))
"""


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory, stages: Stages) -> Path:
    """The model.py of a network with all sorts of layers, which is trained."""
    return stages.trained(tmp_path_factory.mktemp("mixed"), OWN_DATA + MIXED)


def arguments(source: Path, name: str, out: Path) -> tuple[Any, ...]:
    model = source.parent / "float.h5"
    return ("--pass", name, "--model", model, "--out", out, "--stats", out.with_suffix(".json"), "--source", source)


def test_depthwise_kernels_and_models_inside_are_treated_as_any_other(
    tmp_path: Path, stages: Stages, mixed: Path
) -> None:
    options = {"data": {"validation": 50}, "train": {"epochs": 1}}
    sparse = {"schedule": {"kind": "constant", "final": 0.5}}
    stages.run("compress", *arguments(mixed, "prune", tmp_path / "pruned.h5"), compress=sparse, **options)
    stages.run("compress", *arguments(mixed, "cluster", tmp_path / "clustered.h5"), compress={}, **options)
    pruned, clustered = (json.loads((tmp_path / f"{name}.json").read_text()) for name in ("pruned", "clustered"))
    names = ["first", "depthwise", "separable", "inner", "other", "last"]
    assert pruned["notes"]["reached"] == {name: {"asked": 0.5, "reached": 0.5} for name in names}
    assert pruned["notes"]["left_dense"] == clustered["notes"]["left_alone"] == {}
    assert list(clustered["notes"]["values"]) == names
    assert max(clustered["notes"]["values"].values()) <= 16
    assert max(in_a_channel for _, in_a_channel in clustered["int8_values"].values()) <= 16
    assert len(clustered["int8_values"]) == len(names) + 1  # the separable one has two kernels


def test_what_a_pass_leaves_alone_is_told(tmp_path: Path, stages: Stages, mixed: Path) -> None:
    options = {"data": {"validation": 50}, "train": {"epochs": 1}}
    entry = {"schedule": {"kind": "constant", "final": 0.5}, "block": [2, 2], "skip": ["last"]}
    printed = stages.run("compress", *arguments(mixed, "prune", tmp_path / "p.h5"), compress=entry, **options)
    assert "depthwise is left as it is: each output of a DepthwiseConv2D has one input" in printed
    assert "last is left" not in printed


@pytest.mark.slow  # what is killed in test_latent.py and tests/training/test_training.py stands for it
def test_a_killed_clustering_resumes_to_the_same_bytes(tmp_path: Path, stages: Stages, model_py: Any) -> None:
    source = model_py()
    stages.train(source, source.parent / "float.h5", epochs=1)
    train = {"epochs": 3, "batch_size": 32, "callbacks": ["model:held"]}
    options: dict[str, Any] = {"compress": {"clusters": 4}, "data": {"validation": 50}, "train": train}
    stages.run("compress", *arguments(source, "cluster", tmp_path / "whole.h5"), **options)
    with held(source):
        process = stages.start("compress", *arguments(source, "cluster", tmp_path / "killed.h5"), **options)
        wait_for(tmp_path / ".killed.h5.checkpoint0.npz", process)
        stages.kill(process)
    printed = stages.run("compress", *arguments(source, "cluster", tmp_path / "killed.h5"), **options)
    assert "goes on after epoch " in printed
    assert (tmp_path / "killed.h5").read_bytes() == (tmp_path / "whole.h5").read_bytes()
