"""Fashion-MNIST as an anomaly task: what is no ankle boot is one."""

import numpy as np

NORMAL = 9  # the class "Ankle boot"
VALIDATION, TEST = 500, 1000  # normal ones; as many others come to them


def load():
    """Images float32 [N, 28, 28, 1] in 0..1, truth int64 [N]: 1 for an anomaly; training, validation, test."""
    from edgewright.registry import datasets

    clothes = datasets.load("fashion-mnist").load()
    boots, others = _parted(clothes.train_x, clothes.train_y)
    test = _parted(clothes.test_x, clothes.test_y)
    known = boots[:-VALIDATION]
    return {
        "train": (known, np.zeros(len(known), np.int64)),
        "validation": _mixed(boots[-VALIDATION:], others, VALIDATION),
        "test": _mixed(*test, TEST),
    }


def _parted(x, y):
    return x[y.reshape(-1) == NORMAL], x[y.reshape(-1) != NORMAL]


def _mixed(normal, others, count):
    """So many of both, and the truth."""
    return np.concatenate([normal[:count], others[:count]]), np.repeat([0, 1], count)


def build():
    """Inputs and outputs float32 [N, 28, 28, 1]."""
    from tensorflow import keras

    layers = keras.layers
    image = keras.Input((28, 28, 1), name="image")
    x = layers.Flatten(name="flat")(image)
    x = layers.Dense(64, activation="relu", name="encoder")(x)
    x = layers.Dense(12, activation="relu", name="code")(x)
    x = layers.Dense(64, activation="relu", name="decoder")(x)
    x = layers.Dense(28 * 28, activation="sigmoid", name="pixels")(x)
    return keras.Model(image, layers.Reshape((28, 28, 1), name="again")(x))
