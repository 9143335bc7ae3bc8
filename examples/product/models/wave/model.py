"""Waves of two speeds. Their samples are made here; a model of one's own would read a recording."""

import numpy as np

LABELS = ("slow", "fast")
SAMPLES = 32
TURNS = (2.0, 5.0)  # of a wave in a window


def load():
    """Training inputs float32 [N, 32] and classes int64 [N], then those of the test."""
    return (*_waves(1200, seed=1), *_waves(400, seed=2))


def _waves(count, seed):
    random = np.random.default_rng(seed)
    classes = random.integers(len(TURNS), size=count)
    turns = np.array(TURNS)[classes] * random.normal(1.0, 0.1, count)
    angles = turns[:, None] * np.linspace(0.0, 2 * np.pi, SAMPLES) + random.uniform(0, 2 * np.pi, (count, 1))
    return (np.sin(angles) + random.normal(0.0, 0.1, angles.shape)).astype(np.float32), classes


def build():
    """Inputs float32 [N, 32], output float32 [N, 2]: the probability of each speed."""
    from tensorflow import keras

    window = keras.Input((SAMPLES,), name="window")
    x = keras.layers.Dense(12, activation="relu", name="hidden")(window)
    return keras.Model(window, keras.layers.Dense(len(LABELS), activation="softmax", name="speed")(x))
