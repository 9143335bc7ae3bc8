from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pydantic import ValidationError

from edgewright.passes import prune_layers
from edgewright.passes._structure.drop import Drop, drops, saved, vanishing, without
from edgewright.passes.keras_model import mac_counts
from edgewright.training.tensorflow import import_tensorflow

if TYPE_CHECKING:
    from testbench.stages import Stages

tf = import_tensorflow()
keras = tf.keras
layers = keras.layers


def block(x: Any, name: str, channels: int) -> Any:
    y = layers.BatchNormalization(name=f"{name}_norm")(layers.Conv2D(channels, 3, padding="same", name=name)(x))
    if x.shape[-1] != channels:
        x = layers.Conv2D(channels, 1, name=f"{name}_shortcut")(x)
    return layers.Add(name=f"{name}_add")([y, x])


def residual() -> Any:
    image = layers.Input((6, 6, 1), name="image")
    x = block(block(layers.Conv2D(4, 3, padding="same", name="stem")(image), "one", 4), "two", 6)
    x = layers.Dense(6, name="equal")(layers.GlobalAveragePooling2D(name="pool")(x))
    return keras.Model(image, layers.Dense(6, activation="softmax", name="classes")(x), name="residual")


def test_blocks_become_their_shortcuts_and_equal_shapes_may_go() -> None:
    assert set(drops(residual(), ())) == {
        Drop("one_norm", "stem"),
        Drop("one_add", "stem"),
        Drop("two_add", "two_shortcut"),
        Drop("equal", "pool"),
    }
    assert vanishing(residual(), Drop("two_add", "two_shortcut")) == {"two", "two_norm", "two_add"}
    assert {drop.gone for drop in drops(residual(), ["one"])} == {"two_add", "equal"}


def test_the_layer_that_gives_the_classes_stays() -> None:
    model = residual()  # `classes` gives the shape that it gets, but its softmax is what the model is for
    assert not [drop for drop in drops(model, ()) if "classes" in vanishing(model, drop)]


def test_the_model_without_a_block_is_its_shortcut() -> None:
    model = residual()
    for variable in model.weights:
        variable.assign(np.random.default_rng(1).uniform(0.1, 0.5, variable.shape))
    less = without(tf, model, Drop("one_add", "stem"))
    assert mac_counts.total(model) - mac_counts.total(less) == saved(model, Drop("one_add", "stem")) == 36 * 4 * 4 * 9
    assert (less.name, less.input_names, less.output_names) == (model.name, model.input_names, model.output_names)
    x = np.random.default_rng(1).random((3, 6, 6, 1), dtype=np.float32)
    norm = model.get_layer("one_norm")
    norm.set_weights([norm.get_weights()[0] * 0, norm.get_weights()[1] * 0, *norm.get_weights()[2:]])
    np.testing.assert_allclose(less(x), model(x), atol=1e-6)


def test_a_sequential_model_stays_one() -> None:
    dense = [layers.Dense(5, name=f"dense{number}") for number in range(3)]
    model = keras.Sequential([layers.Flatten(input_shape=(5, 1)), *dense, layers.Dense(2, name="classes")])
    assert [drop.gone for drop in drops(model, ())] == ["dense0", "dense1", "dense2"]
    less = without(tf, model, Drop("dense1", "dense0"))
    assert [layer.name for layer in less.layers][1:] == ["dense0", "dense2", "classes"]
    assert isinstance(less, keras.Sequential)
    np.testing.assert_array_equal(less.get_layer("dense2").get_weights()[0], dense[2].get_weights()[0])


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"remove": 0}, "greater than or equal to 1"),
        ({"keep": 1}, "less than 1"),
        ({"max_loss": 0}, "greater than 0"),
        ({"keep": 0.5, "remove": 1}, "exactly one of"),
    ],
)
def test_senseless_options_are_refused(entry: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        prune_layers.Options.model_validate(entry)


@pytest.mark.parametrize("earlier", ["prune", "cluster", "latent"])
def test_layers_go_before_zeros_and_codes(earlier: str) -> None:
    [error] = prune_layers.check_order(prune_layers.Options(), [(earlier, None)], "t.toml:9: compress[1]")
    assert f"'prune_layers' may not come after '{earlier}'" in str(error)


FASHION = {"dataset": "fashion-mnist", "validation": 200, "limit": 1500}
TRAIN = {"epochs": 3, "batch_size": 50, "learning_rate": 0.005, "seed": 3}

# the second block and the dense layer do nothing for the better on so little data
MODEL = """
from tensorflow import keras

layers = keras.layers


def build():
    image = layers.Input((28, 28, 1), name="image")
    x = layers.Conv2D(8, 3, 2, activation="relu", name="stem")(image)
    for name in ("one", "two"):
        y = layers.Conv2D(8, 3, padding="same", activation="relu", name=f"{name}_a")(x)
        x = layers.Add(name=f"{name}_add")([layers.Conv2D(8, 3, padding="same", name=f"{name}_b")(y), x])
    x = layers.Flatten(name="flat")(layers.MaxPooling2D(name="pool")(x))
    return keras.Model(image, layers.Dense(10, activation="softmax", name="classes")(x))
"""


@pytest.fixture(scope="module")
def folder(stages: Stages, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("layers")
    (folder / "model.py").write_text(MODEL)
    files = ("--source", folder / "model.py", "--out", folder / "float.h5", "--stats", folder / "train.json")
    stages.run("train", *files, data=FASHION, train=TRAIN)
    return folder


def compress(stages: Stages, folder: Path, name: str, code: int = 0, **entry: Any) -> str:
    floats = ("--model", folder / "float.h5", "--reference", folder / "float.h5")
    files = (*floats, "--out", folder / name / "model.h5", "--stats", folder / name / "compress.json")
    run = {"compress": entry, "data": FASHION, "train": TRAIN}
    return stages.run("compress", "--pass", "prune_layers", *files, code=code, **run)


def stats_of(folder: Path, name: str) -> Any:
    return json.loads((folder / name / "compress.json").read_text())


def test_a_block_goes_and_the_rest_still_classifies(stages: Stages, folder: Path) -> None:
    printed = compress(stages, folder, "keep", keep=0.55, epochs=2)
    stats = stats_of(folder, "keep")
    before, after = stats["notes"]["steps"]
    dropped = [layer for row in stats["notes"]["dropped"] for layer in row["layers"]]
    assert stats["macs"] == after["macs"] <= 0.55 * before["macs"]
    assert {layer["name"] for layer in stats["layers"]}.isdisjoint(dropped)
    assert sum(row["macs_saved"] for row in stats["notes"]["dropped"]) == before["macs"] - after["macs"]
    assert after["metric"] > max(0.65, before["metric"] - 0.06)
    assert f"macs {before['macs']:,} -> {after['macs']:,}" in printed


def test_the_least_harmful_goes_first(stages: Stages, folder: Path) -> None:
    compress(stages, folder, "one", remove=1, epochs=0)
    compress(stages, folder, "two", remove=2, epochs=0)
    [first] = stats_of(folder, "one")["notes"]["dropped"]
    both = stats_of(folder, "two")["notes"]["dropped"]
    assert both[0] == first
    assert len(both) == 2


def test_nothing_goes_that_harms_more_than_allowed(stages: Stages, folder: Path) -> None:
    compress(stages, folder, "start", remove=1, epochs=0, skip=["one_a", "one_b", "two_a"])
    [cheapest] = stats_of(folder, "start")["notes"]["dropped"]
    assert cheapest["layers"] == ["two_b"]
    all_of_it = compress(stages, folder, "loss", max_loss=50.0, epochs=0)
    assert len(stats_of(folder, "loss")["notes"]["dropped"]) > 2
    assert "nothing is removed" not in all_of_it
    printed = compress(stages, folder, "none", max_loss=1e-9, skip=["one_a", "one_b", "two_a"], epochs=0)
    assert stats_of(folder, "none")["notes"] == {"dropped": []}
    assert "raises the loss by more than max_loss: nothing is removed" in printed


def test_mistakes_come_before_any_training(stages: Stages, folder: Path) -> None:
    everything = ["one_a", "one_b", "two_a", "two_b"]
    assert "has no block or layer that could be left out" in compress(stages, folder, "x", code=2, skip=everything)
    assert "remove = 9 is more than can be left out" in compress(stages, folder, "x", code=2, remove=9)
    assert "did you mean 'one_a'?" in compress(stages, folder, "x", code=2, skip=["one_aa"])
    assert not (folder / "x/model.h5").exists()
