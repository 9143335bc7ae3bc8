from __future__ import annotations

import json
import types
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pydantic import ValidationError

from edgewright.datasets import Split
from edgewright.errors import UserError
from edgewright.passes import prune_channels
from edgewright.passes._structure import by_layer
from edgewright.passes._structure.choose import Limits, choose, smallest
from edgewright.passes._structure.costs import Ledger, costs
from edgewright.passes._structure.criteria import CRITERIA, importance
from edgewright.passes._structure.cut import cut
from edgewright.passes._structure.model import Structure
from edgewright.passes._structure.walk import structure
from edgewright.passes.keras_model import mac_counts
from edgewright.training.tensorflow import import_tensorflow
from tests.passes.fashion import DATA as FASHION
from tests.passes.fashion import TRAIN

if TYPE_CHECKING:
    from testbench.stages import Stages

tf = import_tensorflow()
keras = tf.keras
layers = keras.layers


def residual() -> Any:
    """Nearly every layer that has a rule: residual, depthwise, separable, gate, transposed, concatenation, reshapes."""
    image = layers.Input((12, 12, 3), name="image")
    x = layers.ReLU()(
        layers.BatchNormalization()(layers.Conv2D(8, 3, padding="same", use_bias=False, name="stem")(image))
    )
    y = layers.DepthwiseConv2D(3, padding="same", depth_multiplier=2, name="depthwise")(x)
    y = layers.PReLU(shared_axes=[1, 2])(layers.BatchNormalization()(y))
    y = layers.SeparableConv2D(8, 3, padding="same", depth_multiplier=2, name="separable")(y)
    x = layers.MaxPooling2D()(layers.Add()([x, y]))
    gate = layers.Conv2D(6, 1, activation="relu", name="squeeze")(layers.GlobalAveragePooling2D(keepdims=True)(x))
    x = layers.Multiply()([x, layers.Conv2D(8, 1, activation="sigmoid", name="excite")(gate)])
    z = layers.AveragePooling2D()(layers.Conv2DTranspose(5, 3, strides=2, padding="same", name="up")(x))
    x = layers.ZeroPadding2D()(layers.Concatenate()([x, z]))
    x = layers.Reshape((36, 7))(layers.Conv2D(7, 3, activation="relu", name="joined")(x))
    x = layers.Flatten()(layers.Dropout(0.3)(layers.Conv1D(9, 3, padding="same", name="line")(x)))
    x = layers.Reshape((4, 4, 3))(layers.Dense(48, activation="tanh", name="spread")(x))
    x = layers.Flatten()(layers.Conv2D(6, 3, name="last")(layers.PReLU()(x)))
    x = layers.Dense(10, activation="relu", name="hidden")(x)
    return keras.Model(image, layers.Dense(4, activation="softmax", name="classes")(x), name="residual")


def sequential() -> Any:
    parts = [layers.Conv2D(8, 3, activation="relu", input_shape=(12, 12, 3), name="convolution"), layers.Flatten()]
    return keras.Sequential([*parts, layers.Dense(12, activation="relu", name="hidden"), classes()])


def classes() -> Any:
    return layers.Dense(4, activation="softmax", name="classes")


def randomised(model: Any, seed: int) -> Any:
    random = np.random.default_rng(seed)
    for variable in model.weights:
        low, high = (0.2, 1.0) if "variance" in variable.name else (-0.5, 0.5)
        variable.assign(random.uniform(low, high, variable.shape))
    return model


def without(found: Structure, random: np.random.Generator) -> Ledger:
    """About half of the units gone, at least one of each group left."""
    ledger = Ledger(found, "macs")
    for units in found.groups.values():
        ledger.remove([unit for unit in units if random.random() < 0.5][: len(units) - 1])
    return ledger


def silence(model: Any, found: Structure, ledger: Ledger) -> None:
    """Make the model deaf to the units that are gone, at its old size."""
    for weight in found.weights:
        if weight.reads is not None:
            values = np.moveaxis(weight.variable.numpy(), weight.reads, 0)
            values[~ledger.kept[weight.axes[weight.reads]]] = 0
            weight.variable.assign(np.moveaxis(values, 0, weight.reads))


@pytest.mark.parametrize("build", [residual, sequential])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_smaller_model_computes_what_the_larger_one_does_without_those_channels(
    build: Callable[[], Any], seed: int
) -> None:
    random = np.random.default_rng(seed)
    model = randomised(build(), seed)
    found = structure(model)
    ledger = without(found, random)
    smaller = cut(tf, model, found, ledger.kept)
    silence(model, found, ledger)
    x = random.normal(size=(4, 12, 12, 3)).astype(np.float32)
    np.testing.assert_allclose(smaller(x).numpy(), model(x).numpy(), atol=1e-5)
    assert smaller.count_params() < 0.8 * model.count_params()
    assert [layer.name for layer in smaller.layers] == [layer.name for layer in model.layers]
    assert (smaller.input_names, smaller.output_names) == (model.input_names, model.output_names)
    assert type(smaller) is type(model)


@pytest.mark.parametrize("build", [residual, sequential])
def test_costs_are_those_of_the_model(build: Callable[[], Any]) -> None:
    model = build()
    found = structure(model)
    assert costs(found)["weights"] == model.count_params()
    assert costs(found)["macs"] == mac_counts.total(model)
    ledger = without(found, np.random.default_rng(1))
    smaller = cut(tf, model, found, ledger.kept)
    assert ledger.total == mac_counts.total(smaller)
    assert costs(structure(smaller))["weights"] == smaller.count_params()


def test_int8_bytes_are_kernels_and_a_bias_a_channel() -> None:
    convolution = layers.Conv2D(8, 3, use_bias=False, input_shape=(12, 12, 3))
    model = keras.Sequential([convolution, layers.BatchNormalization(), layers.GlobalAveragePooling2D(), classes()])
    assert costs(structure(model))["bytes"] == 8 * 3 * 3 * 3 + 8 * 4 + 8 * 4 + 4 * 4


def test_channels_that_meet_in_an_addition_go_together() -> None:
    groups = structure(residual()).groups
    assert ("stem", "separable", "excite") in groups
    assert {("squeeze",), ("up",), ("joined",), ("line",), ("spread",), ("last",), ("hidden",)} < set(groups)
    assert len(groups["spread",]) == 3, "the 16 places of a channel are one unit"
    assert not [group for group in groups if "classes" in group]


def test_skipped_layers_keep_their_channels() -> None:
    assert not [group for group in structure(residual(), ["separable", "line"]).groups if {"stem", "line"} & set(group)]
    with pytest.raises(UserError, match="did you mean 'line'"):
        structure(residual(), ["lime"])


class Own(layers.Layer):  # type: ignore[misc, name-defined]
    def call(self, x: Any) -> Any:
        return x[..., ::-1]


def shared() -> Any:
    image = layers.Input((6, 6, 4))
    convolution = layers.Conv2D(4, 3, padding="same", name="twice")
    return image, convolution(convolution(image))


def through(*parts: Any) -> Any:
    image = layers.Input((6, 6, 4))
    x = layers.Conv2D(8, 3, padding="same", name="first")(image)
    for part in parts:
        x = part(x)
    return image, x


@pytest.mark.parametrize(
    ("ends", "layer", "reason"),
    [
        (lambda: through(Own(name="own")), "own", "Own may do anything"),
        (lambda: through(layers.Lambda(lambda x: x * 2, name="times")), "times", "Lambda may do anything"),
        (lambda: through(layers.Softmax(name="soft")), "soft", "Softmax may do anything"),
        (lambda: through(layers.Activation("softmax", name="soft")), "soft", "mixes its channels"),
        (lambda: through(layers.Conv2D(8, 3, groups=2, name="grouped")), "grouped", "in groups"),
        (lambda: through(layers.Permute((3, 1, 2), name="turned")), "turned", "moves the channels"),
        (lambda: through(layers.BatchNormalization(axis=1, name="norm")), "norm", "along another axis"),
        (lambda: through(keras.Sequential([layers.ReLU(input_shape=(6, 6, 8))], name="in")), "in", "within the model"),
        (shared, "twice", "is used in 2 places"),
    ],
)
def test_what_cannot_be_seen_through_keeps_its_channels(ends: Callable[[], Any], layer: str, reason: str) -> None:
    image, x = ends()
    x = layers.Dense(6, name="hidden")(layers.Flatten()(x))
    found = structure(keras.Model(image, classes()(x)))
    assert [(one.layer, reason in one.reason) for one in found.blockers] == [(layer, True)]
    assert set(found.groups) == {("hidden",)}


def test_a_model_within_the_model_is_the_reason_when_nothing_can_go() -> None:
    from edgewright.passes._structure.facts import nothing_to_prune

    inner = keras.Sequential([layers.InputLayer((6, 6, 4)), layers.Conv2D(8, 3), layers.Flatten()], name="inner")
    model = keras.Sequential([layers.InputLayer((6, 6, 4)), inner, layers.Dense(2, activation="softmax")])
    told = str(nothing_to_prune(model, structure(model)))
    assert "has no channels that could be removed: inner is a model within the model" in told


def test_a_model_of_a_class_of_its_own_is_refused() -> None:
    class Closed(keras.Model):  # type: ignore[misc, name-defined]
        def call(self, x: Any) -> Any:
            return x

    with pytest.raises(UserError, match="its layers cannot be seen"):
        structure(Closed())


def test_a_selection_meets_its_goal_and_keeps_multiples() -> None:
    found = structure(residual())
    before = costs(found)["macs"]
    some = np.random.default_rng(1).random(found.ids)
    ledger = choose(found, some, "macs", before * 0.7, Limits(2, 2), per_cost=True)
    assert before * 0.5 < ledger.total <= before * 0.7
    for units in found.groups.values():
        left = int(ledger.kept[units].sum())
        assert left >= 2
        assert left == len(units) or left % 2 == 0
    assert Ledger(found, "macs").total == before
    assert ledger.total > smallest(found, "macs", Limits(2, 2)) > smallest(found, "macs", Limits(1, 1))


def test_layers_that_are_named_have_the_share_that_they_are_given() -> None:
    found = structure(residual())
    assert "hidden" in by_layer.names(found)
    assert by_layer.names(found)["stem"] == ("stem", "separable", "excite")
    named = by_layer.widths(found, {"hidden": 0.5, "joined": 0.01, "last": 1.0, "separable": 0.5, "stem": 0.25}, 2, 2)
    assert {layers[0]: (width.before, width.after) for layers, width in named.items()} == {
        "stem": (8, 4),  # of layers that are tied together the larger share counts
        "joined": (7, 2),
        "last": (6, 6),
        "hidden": (10, 4),
    }
    assert [named["joined",].at(step, 3, 2) for step in (1, 2, 3)] == [4, 4, 2]
    counts = {layers: width.after for layers, width in named.items()}
    ledger = choose(found, np.zeros(found.ids), "macs", np.inf, Limits(2, 2, counts), per_cost=True)
    left = {layers: int(ledger.kept[units].sum()) for layers, units in found.groups.items()}
    assert left == {layers: counts.get(layers, len(units)) for layers, units in found.groups.items()}


@pytest.mark.parametrize("name", ["classes", "hiden"])
def test_a_layer_whose_channels_stay_cannot_be_named(name: str) -> None:
    with pytest.raises(UserError, match=rf"no layer whose channels can go, got '{name}', allowed: stem, .*hidden"):
        by_layer.widths(structure(residual()), {name: 0.5}, 2, 2)


def trained_on_half() -> tuple[Any, Split]:
    """A network in which the channels 4 to 7 of the only convolution are of no use, and data for it."""
    model = keras.Sequential(
        [
            layers.Conv2D(8, 1, use_bias=False, input_shape=(3, 3, 2), name="convolution"),
            layers.BatchNormalization(name="norm"),
            layers.ReLU(),
            layers.Flatten(),
            layers.Dense(2, activation="softmax", name="classes"),
        ]
    )
    randomised(model, 3)
    model.get_layer("convolution").set_weights([np.full((1, 1, 2, 8), 0.5, np.float32) + np.arange(8) / 8])
    kernel, gamma = (model.get_layer(name).weights[0] for name in ("classes", "norm"))
    deaf = kernel.numpy().reshape(9, 8, 2)
    deaf[:, 4:] = 0
    kernel.assign(deaf.reshape(72, 2))
    gamma.assign([1, 1, 1, 1, 0, 0, 0, 0])
    random = np.random.default_rng(1)
    x, y = random.random((64, 3, 3, 2), dtype=np.float32), random.integers(0, 2, 64)
    return model, Split(x, y, x, y)


def context(seed: int = 1) -> Any:

    def error(model: Any, x: Any, y: Any) -> Any:
        found = tf.keras.losses.sparse_categorical_crossentropy(y, model(x, training=False))
        return tf.reduce_mean(found)

    return types.SimpleNamespace(tf=tf, seed=seed, error=error)


@pytest.mark.parametrize("criterion", ["taylor", "bn_gamma"])
def test_channels_of_no_use_matter_least(criterion: str) -> None:
    model, data = trained_on_half()
    found = structure(model)
    values = importance(criterion, found, model, data, context(), 64)[found.groups["convolution",]]
    assert values[:4].min() > 0
    assert values[4:].max() < 1e-9


def test_taylor_is_the_square_of_the_change_when_a_gate_closes() -> None:
    model, data = trained_on_half()
    found = structure(model)
    values = importance("taylor", found, model, data, context(), 32)[found.groups["convolution",]]
    chosen = np.random.default_rng(1).permutation(64)[:32]
    x, y = data.train_x[chosen], data.train_y[chosen]
    inner = keras.Model(model.input, model.layers[-2].input)(x)
    gates = tf.Variable(tf.ones(8))
    with tf.GradientTape() as tape:
        outputs = model.layers[-1](model.layers[-2](inner * gates))
        loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(y, outputs))
    np.testing.assert_allclose(values, tape.gradient(loss, gates).numpy() ** 2, rtol=1e-4, atol=1e-12)


def test_l1_and_fpgm_look_at_filters_and_random_at_its_seed() -> None:
    model, data = trained_on_half()
    found = structure(model)
    kernel = np.zeros((1, 1, 2, 8), np.float32)
    kernel[0, 0, 0] = [1, 5, 5, 5, 5, 5, 5, 20]
    model.get_layer("convolution").set_weights([kernel])
    units = found.groups["convolution",]
    values = {name: importance(name, found, model, data, context(), 1)[units] for name in CRITERIA}
    assert values["l1"].argmin() == 0
    assert set(values["fpgm"].argsort()[:6]) == {1, 2, 3, 4, 5, 6}
    assert (values["random"] == importance("random", found, model, data, context(), 1)[units]).all()
    assert (values["random"] != importance("random", found, model, data, context(2), 1)[units]).any()


def test_gamma_needs_batch_normalisation() -> None:
    model, data = sequential(), trained_on_half()[1]
    with pytest.raises(UserError, match="there is none behind convolution, hidden"):
        importance("bn_gamma", structure(model), model, data, context(), 1)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"keep": 0}, "greater than 0"),
        ({"keep": 1}, "less than 1"),
        ({"keep": 0.5, "until": {"macs": 9}}, "either keep"),
        ({"of": "weights", "until": {"macs": 9}}, "either keep"),
        ({"until": {}}, "exactly one"),
        ({"until": {"macs": 9, "weights": 9}}, "exactly one"),
        ({"until": {"bytes": 9}}, "no unit"),
        ({"criterion": "l2"}, "taylor"),
        ({"multiple_of": 0}, "greater than or equal to 1"),
        ({"min_channels": 0}, "greater than or equal to 1"),
        ({"steps": 0}, "greater than or equal to 1"),
    ],
)
def test_senseless_options_are_refused(entry: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        prune_channels.Options.model_validate(entry)


@pytest.mark.parametrize("entry", [{}, {"until": {"bytes": "50 kB"}}, {"until": {"weights": 5}}, {"of": "weights"}])
def test_options_survive_the_way_to_the_stage(entry: dict[str, Any]) -> None:
    options = prune_channels.Options.model_validate(entry)
    assert prune_channels.Options.model_validate(json.loads(options.model_dump_json())) == options


@pytest.mark.parametrize("earlier", ["prune", "cluster", "latent"])
def test_channels_go_before_zeros_and_codes(earlier: str) -> None:
    [error] = prune_channels.check_order(
        prune_channels.Options(), [("fold", None), (earlier, None)], "t.toml:9: compress[2]"
    )
    assert f"'prune_channels' may not come after '{earlier}'" in str(error)


@pytest.fixture(scope="module")
def folder(fashion_cnn: Callable[[str], Path]) -> Path:
    """The folder of a fashion_cnn trained on a slice of the data."""
    return fashion_cnn("channels")


def compress(stages: Stages, folder: Path, name: str, code: int = 0, **entry: Any) -> str:
    floats = ("--model", folder / "float.h5", "--reference", folder / "float.h5")
    files = (*floats, "--out", folder / name / "model.h5", "--stats", folder / name / "compress.json")
    run = {"compress": entry, "data": FASHION, "train": TRAIN}
    return stages.run("compress", "--pass", "prune_channels", *files, code=code, **run)


@pytest.fixture(scope="module")
def pruned(stages: Stages, folder: Path) -> tuple[dict[str, Any], str]:
    """Statistics, and what the user saw."""
    printed = compress(stages, folder, "pruned", steps=2, epochs=1)
    return json.loads((folder / "pruned/compress.json").read_text()), printed


def test_half_of_the_multiplications_are_gone(pruned: tuple[dict[str, Any], str]) -> None:
    stats, printed = pruned
    notes = stats["notes"]
    assert stats["macs"] <= 411_008 / 2
    assert stats["weights"] == notes["steps"][-1]["weights"] < 216_650 * 0.51
    assert stats["int8_tflite_bytes"] < 216_650 * 0.55
    assert notes["channels"] == {"conv": [32, 16], "classes": [10, 10]}
    assert notes["left_alone"] == []
    assert [row["macs"] for row in notes["steps"]] == [411_008, 256_880, 205_504]
    assert "macs 411,008 -> 205,504" in printed


def test_it_still_classifies(pruned: tuple[dict[str, Any], str], stages: Stages, folder: Path) -> None:
    files = ("--model", folder / "pruned/model.h5", "--out", folder / "eval.json", "--split", "test")
    stages.run("evaluate", *files, data=FASHION, task={"metric": "top1"})
    assert json.loads((folder / "eval.json").read_text())["value"] > 0.65


@pytest.mark.slow  # the trainings of tests/training and what is resumed in test_latent.py stand for it
def test_the_same_again_gives_the_same_bytes(pruned: tuple[dict[str, Any], str], stages: Stages, folder: Path) -> None:
    compress(stages, folder, "again", steps=2, epochs=1)
    assert (folder / "again/model.h5").read_bytes() == (folder / "pruned/model.h5").read_bytes()


def test_an_absolute_limit_is_met(stages: Stages, folder: Path) -> None:
    compress(stages, folder, "limit", steps=1, final_epochs=0, multiple_of=1, until={"bytes": "50 kB"})
    stats = json.loads((folder / "limit/compress.json").read_text())
    assert 40_000 < stats["notes"]["steps"][-1]["bytes"] <= 50_000
    compress(stages, folder, "named", steps=2, epochs=0, final_epochs=0, layers={"conv": 0.25})
    assert json.loads((folder / "named/compress.json").read_text())["notes"]["channels"]["conv"] == [32, 8]
    printed = compress(stages, folder, "limit", until={"weights": 300_000})
    assert "weights 216,650 is within 300,000: nothing is removed" in printed


def test_mistakes_come_before_any_training(stages: Stages, folder: Path) -> None:
    empty = compress(stages, folder, "x", code=2, keep=0.01)
    assert "macs cannot come down to 4,110: a layer would be left with less than min_channels" in empty
    assert "did you mean 'conv'?" in compress(stages, folder, "x", code=2, skip=["convv"])
    assert "has no channels that could be removed" in compress(stages, folder, "x", code=2, skip=["conv"])
    assert "there is none behind conv" in compress(stages, folder, "x", code=2, criterion="bn_gamma")
    assert not (folder / "x/model.h5").exists()
