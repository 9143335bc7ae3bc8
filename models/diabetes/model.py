"""442 patients, ten measurements each, and how far their disease got in a year (Efron, Hastie and others 2004)."""

import numpy as np

TEST = 88
MEAN = 152.0  # of what is told, so that the training begins near it


def load():
    """Inputs float32 [N, 10], each column with mean 0 and deviation 1; truth float32 [N], 25 to 346 points."""
    from sklearn.datasets import load_diabetes  # pip install "edgewright[data]"

    patients = load_diabetes()
    order = np.random.default_rng(1).permutation(len(patients.target))
    x = (patients.data * np.sqrt(len(patients.data))).astype(np.float32)[order]
    y = patients.target.astype(np.float32)[order]
    return (x[:-TEST], y[:-TEST]), (x[-TEST:], y[-TEST:])


def build():
    """Inputs float32 [N, 10], output float32 [N, 1]: points."""
    from tensorflow import keras

    layers = keras.layers
    return keras.Sequential(
        [
            layers.InputLayer((10,), name="patient"),
            layers.Dense(16, activation="relu", name="hidden"),
            layers.Dense(1, bias_initializer=keras.initializers.Constant(MEAN), name="progress"),
        ]
    )
