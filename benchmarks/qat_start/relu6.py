"""A small MobileNet for 28 x 28 grey images: depthwise-separable blocks with batch normalisation and ReLU6."""

from typing import Any

from tensorflow import keras

BLOCKS = ((24, 1), (32, 2), (32, 1), (64, 2))  # channels, stride


def build() -> keras.Model:
    """Input float32 [N, 28, 28, 1] in 0..1, output float32 [N, 10]: the probability of each class."""
    image = keras.Input((28, 28, 1), name="image")
    x = _normalised(keras.layers.Conv2D(16, 3, 2, padding="same", use_bias=False, name="stem")(image), "stem")
    for number, (channels, stride) in enumerate(BLOCKS, 1):
        depthwise = keras.layers.DepthwiseConv2D(3, stride, padding="same", use_bias=False, name=f"depthwise{number}")
        pointwise = keras.layers.Conv2D(channels, 1, use_bias=False, name=f"pointwise{number}")
        x = _normalised(depthwise(x), f"depthwise{number}")
        x = _normalised(pointwise(x), f"pointwise{number}")
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(image, keras.layers.Dense(10, activation="softmax", name="classes")(x), name="relu6")


def _normalised(x: Any, name: str) -> Any:
    x = keras.layers.BatchNormalization(name=f"{name}_norm")(x)
    return keras.layers.ReLU(6.0, name=f"{name}_relu6")(x)
