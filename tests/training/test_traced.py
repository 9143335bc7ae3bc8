"""The converter is given a model's variables, not the model: the same bytes, without what Keras would save beside."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from edgewright.training import conversion, traced
from edgewright.training.tensorflow import import_tensorflow


@pytest.fixture(scope="module")
def tf() -> Any:
    return import_tensorflow()


def of_all_sorts(tf: Any) -> Any:
    """Convolutions, a batch norm, a model inside, a recurrent layer that is unrolled, and a layer used twice."""
    layers = tf.keras.layers
    dense = layers.Dense(6, activation="relu")
    inner = tf.keras.Sequential([layers.InputLayer((4, 6)), layers.GRU(5)])
    image = layers.Input((8, 6))
    x = layers.BatchNormalization()(layers.Conv1D(6, 3, padding="same", use_bias=False)(image))
    x = inner(layers.AveragePooling1D(2)(dense(dense(x))))
    return tf.keras.Model(image, layers.Dense(2, activation="softmax")(x))


def test_bytes_are_those_of_the_whole_model(tf: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    model = of_all_sorts(tf)
    samples = np.random.default_rng(1).random((4, 8, 6), dtype=np.float32)
    found = conversion.calibrated(tf, model, samples, "m")
    monkeypatch.setattr(traced, "_holder", lambda _tf, _function, whole: whole)
    assert conversion.calibrated(tf, model, samples, "m") == found


def test_a_table_stays_with_its_model(tf: Any) -> None:
    layers = tf.keras.layers
    word = layers.Input((3,), dtype="int64")
    model = tf.keras.Model(word, layers.Embedding(6, 2)(layers.IntegerLookup(vocabulary=[3, 5, 7])(word)))
    function = traced.traced(tf, model, "m")
    assert traced._holder(tf, function, model) is model
    plain = tf.keras.Sequential([layers.InputLayer((3,)), layers.Dense(2)])
    assert traced._holder(tf, traced.traced(tf, plain, "m"), plain) is not plain
