"""Three convolutions along time over six axes: accelerometer and gyroscope."""

ROWS, AXES, MOTIONS = 100, 6, 4


def build():
    """Inputs float32 [N, 100, 6], each axis normalised; output float32 [N, 4]: the probability of each motion."""
    from tensorflow import keras

    layers = keras.layers
    return keras.Sequential(
        [
            layers.InputLayer((ROWS, AXES), name="window"),
            layers.Conv1D(12, 5, strides=2, activation="relu", name="short"),
            layers.Conv1D(16, 5, strides=2, activation="relu", name="middle"),
            layers.Conv1D(24, 5, strides=2, activation="relu", name="long"),
            layers.GlobalAveragePooling1D(name="mean"),
            layers.Dense(MOTIONS, activation="softmax", name="motions"),
        ]
    )
