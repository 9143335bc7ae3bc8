"""Folds networks that each have something of their own; prints as JSON what became of each.

Run by test_fold.py in a process of its own: TensorFlow does not share one with tflite-runtime.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from edgewright.datasets import Split
from edgewright.passes import fold
from edgewright.training.tensorflow import start

tf = start(1)
L = tf.keras.layers
random = np.random.default_rng(1)


def settled(model: Any) -> Any:
    """The model with moving means, scales and biases as after a training."""
    for variable in (v for layer in model._flatten_layers(include_self=False) for v in layer.variables):
        name = variable.name.rsplit("/", 1)[-1].split(":")[0]
        if name in {"bias", "beta", "moving_mean"}:
            variable.assign(random.normal(0, 1, variable.shape))
        elif name == "gamma":
            variable.assign(random.uniform(0.5, 2, variable.shape) * random.choice([-1, 1], variable.shape))
        elif name == "moving_variance":
            variable.assign(random.uniform(0.5, 2, variable.shape))
    return model


def functional(build: Any) -> Any:
    image = L.Input((8, 8, 3))
    return tf.keras.Model(image, build(image))


def residual(x: Any) -> Any:
    x = L.Conv2D(4, 3, padding="same")(x)
    y = norm()(L.Conv2D(4, 3, padding="same", use_bias=False)(x))
    return L.ReLU()(L.Add()([y, x]))


def after_add(x: Any) -> Any:
    y = L.Add()([L.Conv2D(4, 3)(x), L.Conv2D(4, 3)(x)])
    return norm()(y)


def after_concatenation(x: Any) -> Any:
    y = L.Concatenate()([L.Conv2D(4, 3)(x), L.DepthwiseConv2D(3, depth_multiplier=2)(x)])
    return L.ReLU()(norm()(L.AveragePooling2D()(y)))


def before_two(x: Any) -> Any:
    x = norm()(L.ReLU()(L.Conv2D(4, 3)(x)))
    return L.Add()([L.Conv2D(5, 3, strides=2)(x), L.SeparableConv2D(5, 3, strides=2)(x)])


def before_padding(x: Any) -> Any:
    x = norm()(L.ReLU()(L.Conv2D(4, 3)(x)))
    return L.Conv2D(4, 3, padding="same")(x)


def shared(x: Any) -> Any:
    conv = L.Conv2D(3, 3, padding="same", name="conv")
    return conv(norm()(conv(x)))


def monte_carlo(x: Any) -> Any:
    x = L.Dropout(0.0, name="always")(L.Dense(4)(L.Flatten()(x)), training=True)
    return L.Dense(2)(L.Dropout(0.5, name="drop")(x))


def nested(x: Any) -> Any:
    inner = tf.keras.Sequential([L.Conv2D(4, 3, input_shape=(8, 8, 3)), norm(), L.ReLU()], name="inner")
    return L.Dense(2)(L.Dropout(0.1)(L.Flatten()(inner(x))))


def operators(x: Any) -> Any:
    y = norm()(L.Conv2D(3, 3, padding="same")(x))
    return tf.nn.relu(y) * 2.0 + x[:, :, :, :1]


def sequential(*layers: Any, shape: tuple[int, ...] = (8, 8, 3)) -> Any:
    return tf.keras.Sequential([L.InputLayer(shape), *layers])


def norm(name: str = "norm", **options: Any) -> Any:
    return L.BatchNormalization(name=name, **options)


ZOO = {
    "conv": sequential(L.Conv2D(4, 3), norm(), L.ReLU()),
    "conv without scale": sequential(L.Conv2D(4, 3), norm(scale=False), L.ReLU()),
    "conv without centre": sequential(L.Conv2D(4, 3), norm(center=False), L.ReLU()),
    "grouped": sequential(norm(), L.Conv2D(6, 3, groups=3)),
    "grouped before": sequential(L.Conv2D(6, 3, groups=3), norm()),
    "depthwise": sequential(L.DepthwiseConv2D(3, depth_multiplier=2, padding="same"), norm()),
    "before depthwise": sequential(norm(), L.DepthwiseConv2D(3, depth_multiplier=2)),
    "separable": sequential(L.SeparableConv2D(5, 3, depth_multiplier=2), norm()),
    "before separable": sequential(norm(), L.SeparableConv2D(5, 3, depth_multiplier=2)),
    "transposed": sequential(L.Conv2DTranspose(5, 3, strides=2), norm()),
    "before transposed": sequential(norm(), L.Conv2DTranspose(5, 3)),
    "dense": sequential(L.Flatten(), L.Dense(6), norm(), L.Activation("linear"), L.Dropout(0.5), L.Dense(2)),
    "dense in sequence": sequential(L.Dense(5), norm(), shape=(7, 3)),
    "conv1d": sequential(norm(), L.Conv1D(4, 3, strides=2, dilation_rate=1), L.ReLU(), shape=(9, 3)),
    "causal": sequential(norm(), L.Conv1D(4, 3, padding="causal"), shape=(9, 3)),
    "before and after": sequential(norm(), L.Conv2D(4, 3), norm("norm2"), norm("norm3"), L.ReLU()),
    "before 1x1": sequential(L.ReLU(), norm(), L.Conv2D(4, 1, strides=2, padding="same")),
    "before flatten": sequential(L.ReLU(), norm(), L.AveragePooling2D(), L.Flatten(), L.Dense(3)),
    "before maximum": sequential(L.ReLU(), norm(scale=False), L.MaxPooling2D(), L.Flatten(), L.Dense(3)),
    "before maximum of any sign": sequential(L.ReLU(), norm(), L.MaxPooling2D(), L.Flatten(), L.Dense(3)),
    "global average": sequential(L.Conv2D(4, 3), L.GlobalAveragePooling2D(), norm(), L.Dense(2)),
    "activation between": sequential(L.Conv2D(4, 3, activation="relu"), norm()),
    "last": sequential(L.ReLU(), norm()),
    "other axis": sequential(L.Conv2D(4, 3), norm(axis=1)),
    "flips": sequential(L.RandomFlip("horizontal"), L.GaussianNoise(0.1), L.Conv2D(4, 3), norm()),
    "only dropout": sequential(L.Dropout(0.5, name="drop")),
    "residual": functional(residual),
    "after add": functional(after_add),
    "after concatenation": functional(after_concatenation),
    "before two": functional(before_two),
    "before padding": functional(before_padding),
    "shared": functional(shared),
    "monte carlo": functional(monte_carlo),
    "nested": functional(nested),
    "operators": functional(operators),
}


class Notes(dict[str, Any]):
    """As much of a pass's context as this pass needs."""

    tf = tf

    def note(self, name: str, value: Any) -> None:
        self[name] = value


def outcome(model: Any) -> dict[str, Any]:
    """What the pass tells, and what is found when its result is saved, read again and run."""
    settled(model)
    x = random.normal(0, 1, (16, *model.input_shape[1:])).astype(np.float32)
    notes = Notes()
    new = fold.apply(model, Split(x, x, x, x), fold.Options(), notes)  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.h5"
        new.save(path, save_format="h5")
        again = tf.keras.models.load_model(path, compile=False)
    outputs = [np.asarray(each(x, training=False)) for each in (model, again)]
    kinds = [type(layer).__name__ for layer in new._flatten_layers(include_self=False)]
    return {**notes, "kinds": kinds, "difference": float(np.abs(outputs[0] - outputs[1]).max())}


json.dump({name: outcome(model) for name, model in ZOO.items()}, sys.stdout)
