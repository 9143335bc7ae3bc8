"""Loops of TensorFlow: an LSTM of Keras 3 becomes the operator, others are written out, and what cannot be is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from edgewright.errors import UserError
from edgewright.importers import Input
from edgewright.importers._functions import to_tflite
from edgewright.importers._loops import runner
from edgewright.tflite.reader import parse_model
from edgewright.training import equal

pytestmark = pytest.mark.filterwarnings("ignore")
INPUT = Input("x", (1, 6, 4), "float32")


def operators(function: Callable[[Any], Any]) -> list[str]:
    """Of the .tflite, which gives the same numbers."""
    import tensorflow as tf

    tflite = to_tflite(tf, function, [INPUT], "net")
    x = np.random.default_rng(0).standard_normal(INPUT.shape).astype(np.float32)
    wanted = tf.nest.flatten(function(tf.constant(x)))
    for ours, theirs in zip(equal.of_tflite(tf, tflite, [INPUT])([x]), wanted, strict=True):
        np.testing.assert_allclose(ours, theirs.numpy(), atol=1e-6)
    return [node.op for node in parse_model(tflite, "net").nodes]


def test_an_lstm_of_keras_3_becomes_its_operator() -> None:
    import keras

    both, last = keras.layers.Bidirectional(keras.layers.LSTM(5, return_sequences=True)), keras.layers.LSTM(3)
    assert operators(lambda x: last(both(x))).count("UNIDIRECTIONAL_SEQUENCE_LSTM") == 3


def test_other_layers_with_a_loop_and_an_lstm_whose_state_is_read_are_written_out() -> None:
    import keras

    gru, lstm = keras.layers.GRU(3, return_sequences=True), keras.layers.LSTM(3, return_state=True)
    assert operators(gru).count("TANH") == 6
    assert operators(lstm).count("TANH") == 12


def test_a_loop_whose_length_depends_on_the_input_is_named() -> None:
    import tensorflow as tf

    def halve(x: Any) -> Any:
        return tf.while_loop(lambda y: tf.reduce_max(y) > 1, lambda y: (y / 2,), (x,), name="halving")[0]

    with pytest.raises(UserError, match="how often a loop runs depends on what the model is given") as caught:
        to_tflite(tf, halve, [INPUT], "net")
    assert caught.value.got == "halving (StatelessWhile)"


def test_a_loop_of_too_many_steps_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import tensorflow as tf

    monkeypatch.setattr(runner, "MOST_STEPS", 8)

    def add(x: Any) -> Any:
        return tf.while_loop(lambda i, _: i < 9, lambda i, y: (i + 1, y + 1), (0, x))[1]

    with pytest.raises(UserError, match="a loop of more than 8 steps"):
        to_tflite(tf, add, [INPUT], "net")
