"""Conv2D(32, 3x3) -> Flatten -> Dense(10): 216,650 weights, 411,008 multiply-accumulates."""

from tensorflow import keras


def build() -> keras.Model:
    """Input float32 [N, 28, 28, 1] in 0..1, output float32 [N, 10]: the probability of each class."""
    return keras.Sequential(
        [
            keras.layers.InputLayer((28, 28, 1), name="image"),
            keras.layers.Conv2D(32, 3, activation="relu", name="conv"),
            keras.layers.Flatten(name="flatten"),
            keras.layers.Dense(10, activation="softmax", name="classes"),
        ],
        name="fashion_cnn",
    )
