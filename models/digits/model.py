"""The 1,797 handwritten digits that scikit-learn brings (Alpaydin, Kaynak 1998), 8 x 8 grey."""

import numpy as np

LABELS = ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")
WHITE = 16.0
TEST = 400


def load():
    """Training inputs float32 [N, 8, 8, 1] in 0..1 and classes int64 [N], then those of the test."""
    from sklearn.datasets import load_digits  # pip install "edgewright[data]"

    digits = load_digits()
    order = np.random.default_rng(1).permutation(len(digits.target))
    x = (digits.images[order, :, :, np.newaxis] / WHITE).astype(np.float32)
    y = digits.target[order]
    return (x[:-TEST], y[:-TEST]), (x[-TEST:], y[-TEST:])


def build(edges=16, shapes=24):
    """Inputs float32 [N, 8, 8, 1], output float32 [N, 10]: the probability of each digit.

    `edges` and `shapes` are channels of the two convolutions; [build] of a target may give others.
    """
    from tensorflow import keras

    layers = keras.layers
    return keras.Sequential(
        [
            layers.InputLayer((8, 8, 1), name="image"),
            layers.Conv2D(edges, 3, padding="same", activation="relu", name="edges"),
            layers.MaxPooling2D(name="halves"),
            layers.Conv2D(shapes, 3, activation="relu", name="shapes"),
            layers.Flatten(name="flat"),
            layers.Dense(len(LABELS), activation="softmax", name="digits"),
        ]
    )
