from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from edgewright.passes import low_rank

if TYPE_CHECKING:
    from testbench.resident import Resident
    from testbench.stages import Stages

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def zoo(resident: Resident) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(resident.script((HERE / "low_rank_zoo.py").read_text()))
    return found


def test_a_kernel_of_low_rank_loses_nothing(zoo: dict[str, Any]) -> None:
    assert {name: row["difference"] for name, row in zoo["exact"].items() if row["difference"] > 1e-5} == {}
    assert all(row["kept_energy"] == 1 for row in zoo["exact"].values())


def test_the_form_that_saves_most_is_taken(zoo: dict[str, Any]) -> None:
    for name, row in zoo["exact"].items():
        assert row["form"] == ("spatial" if name.startswith("spatial") else "tucker"), name
        assert 4 in row["ranks"], name
        assert row["macs"][1] < 0.3 * row["macs"][0], name
    names = {name: row["names"] for name, row in zoo["exact"].items()}
    assert names["dense"] == names["dense of a feature map"] == names["1 x 1"] == ["x_core", "x"]
    assert names["same"] == names["causal"] == ["x_in", "x_core", "x"]
    assert names["spatial"] == ["x_column", "x"]


def test_what_is_told_is_what_is_there(zoo: dict[str, Any]) -> None:
    assert all(row["told"] == {"macs": True, "weights": True} for row in zoo["exact"].values())


def test_layers_that_stay_say_why(zoo: dict[str, Any]) -> None:
    left = {row["layer"]: row["reason"] for row in zoo["mixed"]["left"]}
    assert left["twice"] == "it is used more than once"
    assert left["depthwise"] == "a DepthwiseConv2D is not split"
    assert left["grouped"] == "its kernel is in groups"
    split = {row["layer"] for row in zoo["mixed"]["split"]}
    assert {"inside", "narrow_in"} <= split
    assert left.keys() | split == {"twice", "inside", "depthwise", "grouped", "narrow_in", "narrow", "classes"}
    assert {"inside", "classes", "twice"} <= set(zoo["mixed"]["names"])


def test_keep_is_a_goal_for_the_whole_model(zoo: dict[str, Any]) -> None:
    assert 0.6 < zoo["left"] <= 0.7


def test_given_ranks_are_taken(zoo: dict[str, Any]) -> None:
    assert {row["layer"]: row["ranks"] for row in zoo["ranks"]["split"]} == {"inside": [4, 6], "classes": [8, 2]}
    assert {"layer": "narrow_in", "reason": "no rank is given"} in zoo["ranks"]["left"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("skip", "pass low_rank skip: the model has no such layer with weights, got 'clases'"),
        ("name", "hint: did you mean 'classes'?"),
        ("kind", "pass low_rank rank.depthwise: a DepthwiseConv2D is not split"),
        ("too high", "pass low_rank rank.classes: the rank is too high, got 11, allowed: at most 8"),
        ("pair too high", "rank.inside: the rank is too high, got (4, 17), allowed: at most [16, 16]"),
        ("saves nothing", "rank.classes: saves nothing: 144 multiply-accumulates in place of 80, got 8"),
        ("keep", "pass low_rank keep: cannot be reached, got 0.01, allowed: 0."),
    ],
)
def test_mistakes_are_told(zoo: dict[str, Any], name: str, message: str) -> None:
    assert zoo["wrong"][name].startswith("UserError")
    assert message in zoo["wrong"][name]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"energy": 0.9, "keep": 0.5}, "energy and keep contradict each other"),
        ({"rank": {"x": 2}, "skip": ["x"]}, "rank and skip both name 'x'"),
        ({"rank": {"x": 0}}, "greater than or equal to 1"),
        ({"keep": 1}, "less than 1"),
        ({"energy": 0}, "greater than 0"),
        ({"multiple_of": 0}, "greater than or equal to 1"),
    ],
)
def test_senseless_options_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        low_rank.Options.model_validate(wrong)


def test_zeros_and_grids_are_not_lost() -> None:
    for before in ("prune", "cluster", "latent"):
        [error] = low_rank.check_order(low_rank.Options(), [(before, None)], "targets/t.toml:9: compress[1]")
        assert f"'low_rank' may not come after '{before}': " in str(error)
    assert low_rank.check_order(low_rank.Options(), [("prune_channels", None), ("fold", None)], "") == []


NET = """
from tensorflow import keras

def build():
    return keras.Sequential([
        keras.layers.Conv2D(16, 3, strides=2, padding="same", activation="relu", input_shape=(28, 28, 1), name="one"),
        keras.layers.Conv2D(32, 3, strides=2, padding="same", activation="relu", name="two"),
        keras.layers.Flatten(),
        keras.layers.Dense(32, activation="relu", name="three"),
        keras.layers.Dense(10, activation="softmax", name="classes"),
    ])
"""
FASHION = {"dataset": "fashion-mnist", "validation": 200, "limit": 1200}
TRAIN = {"epochs": 4, "batch_size": 25, "seed": 3, "learning_rate": 0.003}


@pytest.fixture(scope="module")
def folder(stages: Stages, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a network trained on a slice of the data, and split to half of its multiply-accumulates."""
    folder = tmp_path_factory.mktemp("split")
    source, model = folder / "model.py", folder / "float.h5"
    source.write_text(NET)
    stages.run("train", "--source", source, "--out", model, "--stats", folder / "t.json", data=FASHION, train=TRAIN)
    made = ("--out", folder / "half.h5", "--stats", folder / "half.json")
    options = {"keep": 0.5, "epochs": 1}
    models = ("--model", model, "--reference", model)
    stages.run("compress", "--pass", "low_rank", *models, *made, compress=options, data=FASHION, train=TRAIN)
    return folder


FULL = 14 * 14 * 9 * 16 + 7 * 7 * 9 * 16 * 32 + 7 * 7 * 32 * 32 + 320


def test_half_of_the_work_goes(folder: Path) -> None:
    stats = json.loads((folder / "half.json").read_text())
    assert stats["macs"] <= 0.5 * FULL
    assert stats["weights"] < 9 * 16 + 9 * 16 * 32 + 7 * 7 * 32 * 32 + 320
    assert "two" in [row["layer"] for row in stats["notes"]["split"]]
    names = [layer["name"] for layer in stats["layers"]]
    assert [name for name in names if "_" not in name] == ["one", "two", "three", "classes"]
    assert stats["trainings"]


def test_accuracy_stays(folder: Path, stages: Stages) -> None:
    found = []
    for name in ("float", "half"):
        out = folder / f"{name}.evaluation.json"
        files = ("--model", folder / f"{name}.h5", "--out", out, "--split", "test")
        stages.run("evaluate", *files, data=FASHION, task={"metric": "top1"})
        found.append(json.loads(out.read_text())["value"])
    assert found[0] > 0.7
    assert found[1] > found[0] - 0.03
