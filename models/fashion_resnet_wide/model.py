"""`fashion_resnet` with twice the channels: 309,418 weights, 10.3 million multiply-accumulates.

Cut to 100 kB by `prune_channels` it is still better than `fashion_resnet` with its 80 kB: see
benchmarks/results/compression.md.
"""

from tensorflow import keras

BLOCKS = (("block1", 32, 1), ("block2", 64, 2), ("block3", 128, 2))
"""Name, channels and stride of each."""


def build() -> keras.Model:
    """Input float32 [N, 28, 28, 1] in 0..1, output float32 [N, 10]: the probability of each class."""
    image = keras.layers.Input((28, 28, 1), name="image")
    x = keras.layers.ReLU(name="stem_relu")(normalised(image, 32, 3, 1, "stem"))
    x = keras.layers.MaxPooling2D(name="stem_pool")(x)
    for name, channels, stride in BLOCKS:
        past = x
        x = keras.layers.ReLU(name=f"{name}_a_relu")(normalised(x, channels, 3, stride, f"{name}_a"))
        x = normalised(x, channels, 3, 1, f"{name}_b")
        if past.shape[1:] != x.shape[1:]:
            past = normalised(past, channels, 1, stride, f"{name}_shortcut")
        x = keras.layers.ReLU(name=f"{name}_relu")(keras.layers.Add(name=f"{name}_add")([x, past]))
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    x = keras.layers.Dense(10, activation="softmax", name="classes")(x)
    return keras.Model(image, x, name="fashion_resnet_wide")


def normalised(x, channels: int, size: int, stride: int, name: str):
    """A convolution without bias, and the batch normalisation that gives it one."""
    convolution = keras.layers.Conv2D(channels, size, stride, padding="same", use_bias=False, name=name)
    return keras.layers.BatchNormalization(name=f"{name}_norm")(convolution(x))
