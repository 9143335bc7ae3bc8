"""Mistakes in what model.py gives are told before anything is trained, each with its exact message."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from edgewright.datasets import Split
from edgewright.datasets._check import checked
from edgewright.datasets._forms import WANTED, parts
from edgewright.errors import UserError
from edgewright.sections.task import Learning, Task
from edgewright.training import fitting
from edgewright.training.tensorflow import import_tensorflow

if TYPE_CHECKING:
    from pathlib import Path

    from testbench.stages import Stages

X = np.zeros((4, 6, 6, 1), np.float32)
Y = np.array([0, 1, 2, 1])
WITH_NAN = np.where(np.arange(4)[:, None, None, None] == 2, np.float32("nan"), X)

ORDER = "\n  hint: load() gives train_x, train_y, test_x, test_y in this order"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (None, f"load() gives nothing, allowed: {WANTED}\n  hint: end it with return"),
        ((X,), f"load() gives something else than training and test data, got '1 values', allowed: {WANTED}"),
        (
            (X, np.eye(3)[Y], X, Y),
            (
                "training labels of a wrong shape, got '(4, 3)', allowed: one class number from 0 an example, [N]\n"
                "  hint: classes from one-hot rows: np.argmax(y, axis=1)"
            ),
        ),
        (
            (X, Y, X, Y - 1),
            (
                "test labels below 0, got -1, allowed: one class number from 0 an example, [N]\n"
                "  hint: number the classes from 0: np.unique(y, return_inverse=True)[1]"
            ),
        ),
        (
            (X, Y + 0.5, X, Y),
            (
                "training labels are not whole numbers, got 'dtype float64', "
                "allowed: one class number from 0 an example, [N]\n"
                '  hint: numbers are told by [task] kind = "regression"'
            ),
        ),
        (
            (X, list("abca"), X, Y),
            (
                "training labels are no array of numbers, got 'list of <U1'\n"
                "  hint: numbers of names: names, y = np.unique(y, return_inverse=True)"
            ),
        ),
        (
            (WITH_NAN, Y, X, Y),
            (
                "training inputs hold NaN or infinity, got '1 of 4 examples with them'\n"
                "  hint: leave these examples out, or mend them in load()"
            ),
        ),
        (
            (X, Y, X[..., 0], Y),
            "test inputs of another shape, got '(6, 6)', allowed: (6, 6, 1), as the training inputs",
        ),
        ((X, Y[:3], X, Y), "training data of different or no length, got '4 inputs, 3 labels'" + ORDER),
        ((X, 1, X, Y), "training data of different or no length, got '4 inputs, 0 labels'" + ORDER),
    ],
)
def test_data_that_nothing_can_learn_from(given: Any, message: str) -> None:
    with pytest.raises(UserError) as caught:
        checked(parts(given, "model.py"), "model.py", Task())
    assert str(caught.value) == f"model.py: {message}"


def test_labels_in_a_column_and_whole_floats_are_taken() -> None:
    given = parts((X, Y[:, None], X, Y.astype(np.float32)), "model.py")
    (_, train_y), (_, test_y) = checked(given, "model.py", Task()).values()
    assert train_y.tolist() == test_y.tolist() == Y.tolist()
    assert train_y.dtype == test_y.dtype == np.int64


def odd(keras: Any) -> Any:
    return keras.layers.Lambda(lambda x: x, name="odd")


def dense(keras: Any, shape: tuple[int, ...] = (6, 6, 1), classes: int = 3) -> Any:
    layers = keras.layers
    return keras.Sequential([layers.InputLayer(shape), layers.Flatten(), layers.Dense(classes, activation="softmax")])


def subclassed(keras: Any) -> Any:
    class Own(keras.Model):  # type: ignore[misc]
        pass

    return Own()


def two_ends(keras: Any, inputs: int) -> Any:
    images = [keras.Input((6, 6, 1), name=f"image{n}") for n in range(inputs)]
    heads = [keras.layers.Dense(3, name=f"head{n}")(keras.layers.Flatten()(images[-1])) for n in range(3 - inputs)]
    merged = [keras.layers.Dense(3, name="head")(keras.layers.Flatten()(keras.layers.Add()(images)))]
    return keras.Model(images, heads if inputs == 1 else merged)


@pytest.mark.parametrize(
    ("build", "first", "message"),
    [
        (
            lambda _: None,
            0,
            "build() gives nothing, allowed: a tf.keras model\n  hint: end it with return model",
        ),
        (
            lambda _: 3,
            0,
            "build() gives no tf.keras model, got 'builtins.int', allowed: a tf.keras model",
        ),
        (
            subclassed,
            0,
            (
                "build() gives a subclassed model, got 'Own', "
                "allowed: keras.Sequential, or keras.Model(inputs, outputs)\n"
                "  hint: a subclass of keras.Model cannot be stored or compressed: call its layers in build()"
            ),
        ),
        (
            lambda keras: keras.Sequential([keras.layers.Dense(3)]),
            0,
            "build() gives a model of unknown input shape\n  hint: begin with keras.layers.InputLayer(shape)",
        ),
        (
            lambda keras: two_ends(keras, 1),
            0,
            (
                "build() gives a model with 2 outputs, got 'head0, head1', allowed: one, as [task] says\n"
                "  hint: each has a table [[task.outputs]] in model.toml, with the name of its layer"
            ),
        ),
        (
            lambda keras: two_ends(keras, 2),
            0,
            (
                "build() gives a model with 2 inputs, got 'image0, image1', allowed: one, or as many as load() gives\n"
                "  hint: give load() a dictionary of them for x"
            ),
        ),
        (
            lambda keras: dense(keras, (5, 6, 1)),
            0,
            (
                "the model's input has another shape than the examples, got '(5, 6, 1)', "
                "allowed: (6, 6, 1), as load() gives them"
            ),
        ),
        (
            lambda keras: dense(keras, (6, 6, 1, 1)),
            0,
            (
                "the model's input has another shape than the examples, got '(6, 6, 1, 1)', "
                "allowed: (6, 6, 1), as load() gives them\n"
                "  hint: give the examples their channel axis in load(): x[..., np.newaxis]"
            ),
        ),
        (
            lambda keras: dense(keras, classes=2),
            0,
            "the model has too few outputs for labels 0 to 2, got 2, allowed: 3 or more",
        ),
        (
            dense,
            1,
            (
                "the model has too few outputs for labels 1 to 3, got 3, allowed: 4 or more\n"
                "  hint: labels count from 0: y - 1"
            ),
        ),
        (
            lambda keras: keras.Sequential([keras.layers.InputLayer((6, 6, 1)), dense(keras), odd(keras)]),
            0,
            (
                "build() gives a model with a Lambda, whose code no model file may hold, got 'odd'\n"
                "  hint: a class of its own, registered with tf.keras.utils.register_keras_serializable(), or layers of"
                " Keras"
            ),
        ),
        (
            lambda keras: keras.Sequential([keras.layers.Dense(3, input_shape=(6, 6, 1))]),
            0,
            (
                "the model's output is not one score a class, got '(None, 6, 6, 3)', allowed: (None, classes)\n"
                "  hint: end with Flatten and Dense"
            ),
        ),
    ],
)
def test_models_that_cannot_be_trained(build: Callable[[Any], Any], first: int, message: str) -> None:
    tf = import_tensorflow()
    with pytest.raises(UserError) as caught:
        fitting.check(tf, build(tf.keras), Split(X, Y + first, X, Y + first), Learning(), "model.py")
    assert str(caught.value) == f"model.py: {message}"


def test_a_model_that_fits_is_taken() -> None:
    tf = import_tensorflow()
    fitting.check(tf, dense(tf.keras), Split(X, Y, X, Y), Learning(), "model.py")
    fitting.check(tf, dense(tf.keras, classes=5), Split(X, Y, X, Y), Learning(), "model.py")


def test_raw_readings_are_warned_of_unless_a_layer_scales_them() -> None:
    keras = import_tensorflow().keras
    raw = (9810 + 400 * np.random.default_rng(1).standard_normal((50, 6, 6, 1))).astype(np.float32)
    told = fitting.raw_inputs(dense(keras), raw)
    assert told is not None
    assert told.startswith("warning: inputs look unscaled, their mean is 9,799 and")
    assert fitting.raw_inputs(dense(keras), (raw - 9810) / 400) is None
    scaled = keras.Sequential([keras.layers.Rescaling(1 / 400, input_shape=(6, 6, 1)), dense(keras)])
    assert fitting.raw_inputs(scaled, raw) is None


LOADS = """
def load():
    x = np.full((400, 6, 6, 1), 9810, np.float32)
    return x, np.arange(400) % 2, x, np.arange(400) % 2
"""
BUILDS = """
def build():
    return keras.Sequential([keras.layers.Flatten(input_shape=(6, 6, 1)), keras.layers.Dense({classes})])
"""


def test_the_stage_warns_and_refuses_before_it_trains(tmp_path: Path, stages: Stages, model_py: Any) -> None:
    source = model_py(LOADS + BUILDS.format(classes=1))
    printed = stages.train(source, tmp_path / "float.h5", code=2, epochs=1)
    assert f"{source}: the model has too few outputs for labels 0 to 1, got 1, allowed: 2 or more" in printed
    assert 'hint: one score for yes or no is [task] kind = "binary"' in printed
    assert not (tmp_path / "float.h5").exists()
    source.write_text(source.read_text().replace("Dense(1)", "Dense(2)"))
    printed = stages.train(source, tmp_path / "float.h5", epochs=1)
    assert "has no softmax, and its loss takes probabilities" in printed
    assert printed.index("warning: inputs look unscaled, their mean is 9,810") < printed.index("epoch")


def test_a_fault_in_load_names_its_line(tmp_path: Path, stages: Stages, model_py: Any) -> None:
    source = model_py("\ndef load():\n    return 1 / 0\n")
    printed = stages.train(source, tmp_path / "float.h5", code=2, epochs=1)
    assert f"{source}:" in printed
    assert "ZeroDivisionError: division by zero" in printed
