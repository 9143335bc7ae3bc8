"""DS-CNN after Zhang and others, "Hello Edge" (2017, arXiv:1711.07128), small: one convolution, four separable ones."""

import numpy as np

FRAMES, BANDS = 62, 32
_CHANNELS = 32
_LEVEL = 1 / 256


def build():
    """Input float32 [N, 62, 32, 1] in 0..1: levels of log-mel bands; output float32 [N, 10], a probability each."""
    from tensorflow import keras

    layers = keras.layers
    model = keras.Sequential([layers.InputLayer((FRAMES, BANDS, 1), name="frames")], name="spoken_digits")
    model.add(layers.Conv2D(_CHANNELS, (4, 4), strides=2, padding="same", use_bias=False))
    _activated(model, layers)
    for stride in (1, 2, 1, 1):
        model.add(layers.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False))
        _activated(model, layers)
        model.add(layers.Conv2D(_CHANNELS, 1, use_bias=False))
        _activated(model, layers)
    for layer in (layers.GlobalAveragePooling2D(), layers.Dropout(0.2), layers.Dense(10, activation="softmax")):
        model.add(layer)
    return model


def moved(inputs, random):
    """Each example some frames later or earlier, some levels louder or less loud, on a floor of some noise."""
    each = (len(inputs), 1, 1, 1)
    places = (np.arange(FRAMES)[:, np.newaxis, np.newaxis] - random.integers(-6, 7, each)) % FRAMES
    shifted = np.take_along_axis(inputs, places, axis=1)
    louder = np.clip(shifted + random.integers(-24, 9, each) * _LEVEL, 0, 1)
    floor = random.random(inputs.shape) * random.integers(0, 64, each) * _LEVEL
    return np.maximum(np.where(shifted > 0, louder, 0), floor).astype(np.float32)


def _activated(model, layers):
    model.add(layers.BatchNormalization())
    model.add(layers.ReLU())
