"""A small residual network for 28 x 28 grey images: 78,746 weights, 2.7 million multiply-accumulates.

The basic block of K. He, X. Zhang, S. Ren, J. Sun, "Deep Residual Learning for Image Recognition" (2015),
arXiv:1512.03385.
"""

from tensorflow import keras

layers = keras.layers


def build() -> keras.Model:
    """Input float32 [N, 28, 28, 1] in 0..1, output float32 [N, 10]: the probability of each class."""
    image = layers.Input((28, 28, 1), name="image")
    x = normalised_convolution(image, 16, 1, "stem")
    x = layers.MaxPooling2D(name="stem_pool")(layers.ReLU(name="stem_relu")(x))
    x = block(x, 16, 1, "block1")
    x = block(x, 32, 2, "block2")
    x = block(x, 64, 2, "block3")
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(image, layers.Dense(10, activation="softmax", name="classes")(x), name="fashion_resnet")


def block(x, channels: int, stride: int, name: str):
    """Two convolutions and the way past them, which is a 1x1 convolution where the shape changes."""
    y = normalised_convolution(x, channels, stride, f"{name}_a")
    y = normalised_convolution(layers.ReLU(name=f"{name}_a_relu")(y), channels, 1, f"{name}_b")
    if stride != 1 or x.shape[-1] != channels:
        x = normalised_convolution(x, channels, stride, f"{name}_shortcut", size=1)
    return layers.ReLU(name=f"{name}_relu")(layers.Add(name=f"{name}_add")([y, x]))


def normalised_convolution(x, channels: int, stride: int, name: str, size: int = 3):
    """A convolution without bias, and the batch normalisation that gives it one."""
    x = layers.Conv2D(channels, size, stride, padding="same", use_bias=False, name=name)(x)
    return layers.BatchNormalization(name=f"{name}_norm")(x)
