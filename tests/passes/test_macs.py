from __future__ import annotations

from typing import Any

import pytest

from edgewright.errors import UserError
from edgewright.passes.keras_model import mac_counts
from edgewright.training.tensorflow import import_tensorflow


@pytest.mark.parametrize(
    ("layer", "arguments", "shape", "macs"),
    [
        ("Conv2D", {"filters": 4, "kernel_size": 3}, (8, 9, 5), 6 * 7 * 4 * 3 * 3 * 5),
        ("Conv2D", {"filters": 4, "kernel_size": 3, "groups": 2, "padding": "same"}, (8, 9, 6), 72 * 4 * 3 * 3 * 3),
        ("Conv1D", {"filters": 4, "kernel_size": 3, "strides": 2}, (9, 5), 4 * 4 * 3 * 5),
        ("Conv2DTranspose", {"filters": 4, "kernel_size": 2, "strides": 2}, (3, 3, 5), 9 * 4 * 2 * 2 * 5),
        ("DepthwiseConv2D", {"kernel_size": 3, "depth_multiplier": 2}, (5, 5, 3), 9 * 3 * 3 * 3 * 2),
        ("SeparableConv2D", {"filters": 4, "kernel_size": 3}, (5, 5, 3), 9 * (3 * 3 * 3 + 3 * 4)),
        ("Dense", {"units": 7}, (11,), 77),
        ("Dense", {"units": 7}, (3, 11), 3 * 77),
        ("LSTM", {"units": 3}, (8, 5), 8 * 4 * 3 * (5 + 3)),
        ("GRU", {"units": 3, "return_sequences": True}, (8, 5), 8 * 3 * 3 * (5 + 3)),
        ("SimpleRNN", {"units": 3, "unroll": True}, (8, 5), 8 * 3 * (5 + 3)),
        ("MaxPooling2D", {}, (4, 4, 1), 0),
    ],
)
def test_macs_of_a_layer(layer: str, arguments: dict[str, Any], shape: tuple[int, ...], macs: int) -> None:
    keras = import_tensorflow().keras
    model = keras.Sequential([keras.layers.InputLayer(shape), getattr(keras.layers, layer)(**arguments)])
    assert mac_counts.total(model) == macs


def test_layers_inside_layers_count_each_step_and_direction() -> None:
    keras = import_tensorflow().keras
    layers = keras.layers
    inner = keras.Sequential([layers.InputLayer((5,)), layers.Dense(6), layers.Dense(4)])
    model = keras.Sequential(
        [
            layers.InputLayer((8, 5)),
            layers.TimeDistributed(layers.Dense(5)),
            layers.TimeDistributed(inner),
            layers.Bidirectional(layers.LSTM(3)),
            layers.Dense(2),
        ]
    )
    steps = 8 * (5 * 5 + 5 * 6 + 6 * 4)
    assert mac_counts.total(model) == steps + 2 * 8 * 4 * 3 * (4 + 3) + 6 * 2


def test_a_layer_counts_as_often_as_it_is_called_with_the_shape_of_each_call() -> None:
    keras = import_tensorflow().keras
    conv, dense = keras.layers.Conv2D(4, 3, padding="same"), keras.layers.Dense(7)
    inner = keras.Sequential([keras.layers.InputLayer((4,)), dense])
    large, small = keras.Input((8, 8, 4)), keras.Input((4, 4, 4))
    maps = [conv(conv(large)), conv(small)]
    scores = [inner(keras.layers.GlobalAveragePooling2D()(one)) for one in maps]
    model = keras.Model([large, small], keras.layers.Add()(scores))
    assert mac_counts.total(model) == (64 + 64 + 16) * 9 * 4 * 4 + 2 * 4 * 7
    assert mac_counts.of_layers(model, {inner.name}) == 2 * 4 * 7


def test_calls_of_other_models_do_not_count() -> None:
    keras = import_tensorflow().keras
    dense, image = keras.layers.Dense(7), keras.Input((5,))
    model = keras.Model(image, dense(image))
    keras.Model(image, keras.layers.ReLU()(dense(image)))
    assert mac_counts.total(model) == 35


def test_an_open_length_is_a_mistake() -> None:
    keras = import_tensorflow().keras
    model = keras.Sequential([keras.layers.InputLayer((None, 5)), keras.layers.LSTM(3, name="listens")])
    with pytest.raises(UserError) as caught:
        mac_counts.total(model)
    assert str(caught.value) == (
        "layer listens: its multiplications cannot be counted, a length is open, got '(None, None, 5) to (None, 3)', "
        "allowed: fixed lengths\n  hint: give the model's input its whole shape"
    )
