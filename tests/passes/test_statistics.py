"""Batch normalisations whose averages are taken anew."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from edgewright.datasets import Split
from edgewright.passes import _statistics
from edgewright.training.tensorflow import import_tensorflow

tf = import_tensorflow()
L = tf.keras.layers


@pytest.fixture
def data() -> Split:
    x = np.random.default_rng(1).normal(3, 2, (700, 6)).astype(np.float32)
    y = np.zeros(700, np.int64)
    return Split(x, y, x[:10], y[:10])


def network(*, trainable: bool = True) -> Any:
    """With a model inside it, and a dropout that would spoil what comes after it."""
    inside = tf.keras.Sequential(
        [L.InputLayer((6,)), L.BatchNormalization(name="first"), L.Dropout(0.5)], name="inside"
    )
    image = L.Input((6,))
    x = L.Dense(4, use_bias=False, name="dense")(inside(image))
    last = L.BatchNormalization(name="last", scale=False, trainable=trainable)
    return tf.keras.Model(image, last(x))


def averages(layer: Any) -> tuple[Any, Any]:
    return layer.moving_mean.numpy(), layer.moving_variance.numpy()


def test_they_are_those_of_the_data(data: Split) -> None:
    model = network()
    assert _statistics.renew(model, data, 1) == 2
    first, last = model.get_layer("inside").get_layer("first"), model.get_layer("last")
    mean, variance = averages(first)
    assert np.allclose(mean, data.train_x.mean(0), atol=0.01)
    assert np.allclose(variance, data.train_x.var(0), rtol=0.02)
    seen = tf.keras.Model(model.input, model.get_layer("dense").output)(data.train_x, training=False).numpy()
    assert np.allclose(averages(last)[0], seen.mean(0), atol=0.01)
    assert np.allclose(averages(last)[1], seen.var(0), rtol=0.05)


def test_nothing_else_of_the_model_changes(data: Split) -> None:
    model = network()
    last = model.get_layer("last")
    kernel, momentum = model.get_layer("dense").kernel.numpy(), last.momentum
    _statistics.renew(model, data, 1)
    assert np.array_equal(kernel, model.get_layer("dense").kernel.numpy())
    assert last.momentum == momentum
    before = averages(last)
    model(data.train_x[:50] + 100, training=False)
    assert all(np.array_equal(a, b) for a, b in zip(before, averages(last), strict=True))
    model(data.train_x[:50] + 100, training=True)
    assert not np.array_equal(before[1], averages(last)[1])


def test_frozen_layers_and_models_without_any_stay(data: Split) -> None:
    model = network(trainable=False)
    before = averages(model.get_layer("last"))
    assert _statistics.renew(model, data, 1) == 1
    assert all(np.array_equal(a, b) for a, b in zip(before, averages(model.get_layer("last")), strict=True))
    assert _statistics.renew(tf.keras.Sequential([L.InputLayer((6,)), L.Dense(2)]), data, 1) == 0


def test_a_validation_while_training_sees_them_anew_and_training_does_not(data: Split) -> None:
    def trained(*callbacks: Any) -> tuple[Any, list[Any]]:
        tf.keras.utils.set_random_seed(1)
        model = tf.keras.Sequential([L.InputLayer((6,)), L.Dense(4), L.BatchNormalization(name="norm"), L.Dense(2)])
        model.compile("sgd", tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        seen: list[Any] = []
        look = tf.keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: seen.append(averages(model.get_layer("norm"))))
        validation = (data.validation_x, data.validation_y)
        callbacks = (*(make(model) for make in callbacks), look)
        model.fit(data.train_x, data.train_y, epochs=1, verbose=0, validation_data=validation, callbacks=[*callbacks])
        wanted = tf.keras.Model(model.input, model.layers[0].output)(data.train_x, training=False).numpy()
        return model.layers[-1].get_weights(), [seen[0][0], wanted.mean(0)]

    plain, (late, _) = trained()
    renewed, (mean, wanted) = trained(lambda model: _statistics.renewing(tf, model, data, 1))
    assert all(map(np.array_equal, plain, renewed))
    assert np.allclose(mean, wanted, atol=0.02)
    assert not np.allclose(late, wanted, atol=0.5)
