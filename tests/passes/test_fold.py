from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from edgewright.passes import fold

if TYPE_CHECKING:
    from testbench.resident import Resident
    from testbench.stages import Stages

HERE = Path(__file__).parent

# how many batch normalisations stay, and a word of the reason
FOLDED = {
    *("conv", "conv without scale", "conv without centre", "grouped", "grouped before", "depthwise", "separable"),
    *("before depthwise", "before separable", "transposed", "dense", "dense in sequence", "conv1d", "before and after"),
    *("before 1x1", "before flatten", "before maximum", "global average", "flips", "residual", "after add"),
    *("after concatenation", "before two", "nested", "operators"),
}
STAYS = {
    "before transposed": "conv2d_transpose_1 after it pads its input",
    "causal": "conv1d_1 after it pads its input",
    "before maximum of any sign": "(MaxPooling2D) after it",
    "activation between": "the activation of",
    "last": "the model gives out what it makes",
    "other axis": "its channels are not the last axis",
    "before padding": "after it pads its input",
    "shared": "conv before it is used by other layers, too; conv after it is shared",
}


@pytest.fixture(scope="module")
def zoo(resident: Resident) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(resident.script((HERE / "fold_zoo.py").read_text()))
    return found


def test_outputs_stay_within_float_rounding(zoo: dict[str, Any]) -> None:
    assert {name: row["difference"] for name, row in zoo.items() if row["difference"] > 1e-5} == {}
    assert all(row["largest_difference"] == pytest.approx(row["difference"], abs=1e-5) for row in zoo.values())


def test_what_can_be_folded_exactly_is(zoo: dict[str, Any]) -> None:
    for name in FOLDED:
        assert zoo[name]["kept"] == [], name
        assert zoo[name]["folded"], name
        assert "BatchNormalization" not in zoo[name]["kinds"], name


def test_what_cannot_stays_and_says_why(zoo: dict[str, Any]) -> None:
    for name, reason in STAYS.items():
        ((row),) = zoo[name]["kept"]
        assert row["layer"] == "norm"
        assert reason in row["reason"], name
        assert zoo[name]["kinds"].count("BatchNormalization") == 1
    assert set(zoo) == FOLDED | STAYS.keys() | {"only dropout", "monte carlo"}


def test_several_layers_take_one_in(zoo: dict[str, Any]) -> None:
    for name in ("after add", "after concatenation", "before two"):
        assert len(zoo[name]["folded"][0]["into"]) == 2, name


def test_layers_without_effect_go(zoo: dict[str, Any]) -> None:
    assert zoo["flips"]["removed"] == ["random_flip", "gaussian_noise"]
    assert zoo["dense"]["removed"] == ["activation", "dropout"]
    assert zoo["nested"]["removed"] == ["dropout_1"]
    assert zoo["monte carlo"]["removed"] == ["drop"]  # the other one drops at inference, too
    assert zoo["only dropout"]["kinds"] == ["InputLayer", "Dropout"]  # a model of nothing is none


def test_grids_are_not_left() -> None:
    for before in ("cluster", "latent"):
        [error] = fold.check_order(fold.Options(), [(before, None)], "targets/t.toml:9: compress[1]")
        assert str(error).startswith(f"targets/t.toml:9: compress[1].pass: 'fold' may not come after '{before}': it ")
    assert fold.check_order(fold.Options(), [("prune", None), ("prune_channels", None)], "") == []


NORMED = """
from tensorflow import keras

def build():
    return keras.Sequential([
        keras.layers.Conv2D(16, 3, strides=2, padding="same", use_bias=False, input_shape=(28, 28, 1), name="one"),
        keras.layers.BatchNormalization(momentum=0.8, name="norm"),
        keras.layers.ReLU(),
        keras.layers.Conv2D(16, 3, strides=2, padding="same", activation="relu", name="two"),
        keras.layers.Flatten(),
        keras.layers.BatchNormalization(momentum=0.8, name="before_dense"),
        keras.layers.Dropout(0.2, name="drop"),
        keras.layers.Dense(10, activation="softmax", name="classes"),
    ])
"""
FASHION = {"dataset": "fashion-mnist", "validation": 200, "limit": 1200}
TRAIN = {"epochs": 2, "batch_size": 25, "seed": 3, "learning_rate": 0.003}


@pytest.fixture(scope="module")
def folder(stages: Stages, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a network trained on a slice of the data, and folded twice."""
    folder = tmp_path_factory.mktemp("folded")
    source, model = folder / "model.py", folder / "float.h5"
    source.write_text(NORMED)
    stages.run("train", "--source", source, "--out", model, "--stats", folder / "t.json", data=FASHION, train=TRAIN)
    for name in ("one", "two"):
        made = ("--out", folder / f"{name}.h5", "--stats", folder / f"{name}.json")
        stages.run("compress", "--pass", "fold", "--model", model, *made, compress={}, data=FASHION, train=TRAIN)
    return folder


def test_a_trained_network_is_folded_without_training(folder: Path) -> None:
    stats = json.loads((folder / "one.json").read_text())
    assert stats["notes"]["folded"] == [
        {"layer": "norm", "into": ["one"]},
        {"layer": "before_dense", "into": ["classes"]},
    ]
    assert stats["notes"]["removed"] == ["drop"]
    assert stats["trainings"] == []
    assert [layer["name"] for layer in stats["layers"]] == ["one", "two", "classes"]
    assert stats["weights"] == (9 * 16 + 16) + (9 * 16 * 16 + 16) + (7 * 7 * 16 * 10 + 10)
    assert (folder / "one.h5").read_bytes() == (folder / "two.h5").read_bytes()


def test_accuracy_stays_to_the_last_picture(folder: Path, stages: Stages) -> None:
    found = []
    for name in ("float", "one"):
        out = folder / f"{name}.evaluation.json"
        files = ("--model", folder / f"{name}.h5", "--out", out, "--split", "test")
        stages.run("evaluate", *files, data=FASHION, task={"metric": "top1"})
        found.append(json.loads(out.read_text())["value"])
    assert found[0] > 0.6
    assert found[1] == pytest.approx(found[0], abs=1 / 1200)
