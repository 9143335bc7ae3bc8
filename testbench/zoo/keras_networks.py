"""Networks in layers of Keras alone, so that Keras 2 and Keras 3 build them: `NETWORKS[name](keras, batch)`.

They are tiny and of the kinds that small devices run. Weights are random and the same each time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

SEED = 5
VOCABULARY = 8
"""Integer inputs are below this."""
_SAMPLES = 8


def _conv(layers: Any, x: Any, filters: int, kernel: int = 3, strides: int = 1) -> Any:
    x = layers.Conv2D(filters, kernel, strides, "same", use_bias=False)(x)
    return layers.ReLU(6.0)(layers.BatchNormalization()(x))


def _depthwise(layers: Any, x: Any, strides: int = 1) -> Any:
    x = layers.DepthwiseConv2D(3, strides, "same", use_bias=False)(x)
    return layers.ReLU(6.0)(layers.BatchNormalization()(x))


def _scores(layers: Any, x: Any, classes: int = 4) -> Any:
    return layers.Dense(classes, activation="softmax")(x)


def batch_norm(keras: Any, batch: int | None) -> Any:
    """Convolutions with batch norm and ReLU6, pooling, flatten."""
    layers, x = keras.layers, (inputs := keras.Input((8, 8, 3), batch_size=batch))
    x = _conv(layers, x, 6)
    x = layers.MaxPooling2D()(_conv(layers, x, 8))
    return keras.Model(inputs, _scores(layers, layers.Flatten()(x)))


def separable(keras: Any, batch: int | None) -> Any:
    """Depthwise-separable, as MobileNet and DS-CNN are."""
    layers, x = keras.layers, (inputs := keras.Input((10, 8, 1), batch_size=batch))
    x = _conv(layers, x, 6, (4, 3), 2)
    x = _conv(layers, _depthwise(layers, x), 8, 1)
    x = _conv(layers, _depthwise(layers, x, 2), 8, 1)
    return keras.Model(inputs, _scores(layers, layers.GlobalAveragePooling2D()(x)))


def residual(keras: Any, batch: int | None) -> Any:
    """Two blocks that are added to what went in, one through a convolution of 1x1."""
    layers, x = keras.layers, (inputs := keras.Input((8, 8, 3), batch_size=batch))
    x = _conv(layers, x, 4)
    x = layers.ReLU()(layers.Add()([x, layers.Conv2D(4, 3, padding="same")(x)]))
    y = layers.Conv2D(8, 3, 2, "same")(x)
    x = layers.ReLU()(layers.Add()([layers.Conv2D(8, 1, 2)(x), y]))
    return keras.Model(inputs, _scores(layers, layers.Flatten()(layers.AveragePooling2D(4)(x))))


def causal(keras: Any, batch: int | None) -> Any:
    """Dilated causal convolutions over time, as in a temporal convolutional network."""
    layers, x = keras.layers, (inputs := keras.Input((16, 4), batch_size=batch))
    for dilation in (1, 2, 4):
        x = layers.Conv1D(6, 3, padding="causal", dilation_rate=dilation, activation="relu")(x)
    return keras.Model(inputs, _scores(layers, layers.GlobalMaxPooling1D()(x)))


def autoencoder(keras: Any, batch: int | None) -> Any:
    """Dense with batch norm, and an output of any sign."""
    layers, x = keras.layers, (inputs := keras.Input((24,), batch_size=batch))
    for units in (12, 3, 12):
        x = layers.ReLU()(layers.BatchNormalization()(layers.Dense(units)(x)))
    return keras.Model(inputs, layers.Dense(24)(x))


def two_inputs(keras: Any, batch: int | None) -> Any:
    """An image and numbers about it; two outputs."""
    layers, image = keras.layers, keras.Input((6, 6, 2), batch_size=batch)
    numbers = keras.Input((5,), batch_size=batch)
    x = layers.Flatten()(_conv(layers, image, 4, strides=2))
    x = layers.Concatenate()([x, layers.Dense(6, activation="tanh")(numbers)])
    return keras.Model([image, numbers], [_scores(layers, x), layers.Dense(2, activation="sigmoid")(x)])


def upsampling(keras: Any, batch: int | None) -> Any:
    """All ways to a larger image: nearest, bilinear, transposed convolution; joined with what was there."""
    layers, inputs = keras.layers, keras.Input((8, 8, 2), batch_size=batch)
    x = _conv(layers, inputs, 4, strides=2)
    x = layers.Concatenate()([layers.UpSampling2D(2)(x), layers.Conv2DTranspose(3, 3, 2, "same")(x), inputs])
    x = layers.UpSampling2D(2, interpolation="bilinear")(layers.MaxPooling2D()(_conv(layers, x, 4)))
    return keras.Model(inputs, layers.Conv2D(1, 1, activation="sigmoid")(x))


def lstm(keras: Any, batch: int | None) -> Any:
    """LSTM, its last state alone."""
    layers, inputs = keras.layers, keras.Input((6, 4), batch_size=batch)
    return keras.Model(inputs, _scores(layers, layers.LSTM(5)(inputs)))


def bidirectional(keras: Any, batch: int | None) -> Any:
    """LSTM in both directions, with all of its states."""
    layers, inputs = keras.layers, keras.Input((5, 4), batch_size=batch)
    x = layers.Bidirectional(layers.LSTM(4, return_sequences=True))(inputs)
    return keras.Model(inputs, _scores(layers, layers.Flatten()(x)))


def gru(keras: Any, batch: int | None) -> Any:
    """GRU, unrolled: no operator is for it."""
    layers, inputs = keras.layers, keras.Input((3, 4), batch_size=batch)
    return keras.Model(inputs, _scores(layers, layers.GRU(4, unroll=True)(inputs)))


def attention(keras: Any, batch: int | None) -> Any:
    """A transformer block: two heads, layer norm, GELU."""
    layers, inputs = keras.layers, keras.Input((6, 8), batch_size=batch)
    x = layers.MultiHeadAttention(2, 4)(inputs, inputs)
    x = layers.LayerNormalization()(layers.Add()([inputs, x]))
    y = layers.Dense(8)(layers.Dense(12, activation="gelu")(x))
    x = layers.LayerNormalization()(layers.Add()([x, y]))
    return keras.Model(inputs, _scores(layers, layers.GlobalAveragePooling1D()(x)))


def slopes(keras: Any, batch: int | None) -> Any:
    """PReLU, LeakyReLU, ELU and hard-swish."""
    layers, x = keras.layers, (inputs := keras.Input((6, 6, 2), batch_size=batch))
    x = layers.PReLU(shared_axes=[1, 2])(layers.Conv2D(4, 3)(x))
    x = layers.LeakyReLU(0.2)(layers.Conv2D(4, 1)(x))
    x = layers.Conv2D(4, 1, activation="elu")(x)
    gate = layers.ReLU(6.0)(layers.Rescaling(1.0, 3.0)(x))
    x = layers.Multiply()([x, layers.Rescaling(1 / 6)(gate)])
    return keras.Model(inputs, layers.Dense(4)(layers.Flatten()(x)))


def squeeze_excite(keras: Any, batch: int | None) -> Any:
    """Channels weighted by a gate, as in MobileNetV3 and EfficientNet."""
    layers, x = keras.layers, (inputs := keras.Input((6, 6, 2), batch_size=batch))
    x = layers.Conv2D(8, 3, activation="swish")(x)
    gate = layers.Dense(2, activation="relu")(layers.GlobalAveragePooling2D(keepdims=True)(x))
    x = layers.Multiply()([x, layers.Dense(8, activation="sigmoid")(gate)])
    return keras.Model(inputs, _scores(layers, layers.GlobalAveragePooling2D()(x)))


def softmax_axis(keras: Any, batch: int | None) -> Any:
    """Softmax over time, which is not the last axis: attention pooling."""
    layers, inputs = keras.layers, keras.Input((6, 5), batch_size=batch)
    weights = layers.Softmax(axis=1)(layers.Dense(5)(inputs))
    x = layers.Multiply()([inputs, weights])
    return keras.Model(inputs, layers.Dense(3)(layers.Flatten()(x)))


def group_norm(keras: Any, batch: int | None) -> Any:
    """Group normalization, computed at run time."""
    layers, x = keras.layers, (inputs := keras.Input((6, 6, 2), batch_size=batch))
    x = layers.ReLU()(layers.GroupNormalization(2)(layers.Conv2D(4, 3)(x)))
    return keras.Model(inputs, _scores(layers, layers.Flatten()(x)))


def embedding(keras: Any, batch: int | None) -> Any:
    """Words to vectors, and a convolution over them."""
    layers, inputs = keras.layers, keras.Input((7,), batch_size=batch, dtype="int32")
    x = layers.Conv1D(5, 3, activation="relu")(layers.Embedding(VOCABULARY, 6)(inputs))
    return keras.Model(inputs, _scores(layers, layers.GlobalAveragePooling1D()(x)))


NETWORKS: dict[str, Callable[[Any, int | None], Any]] = {
    make.__name__: make
    for make in (batch_norm, separable, residual, causal, autoencoder, two_inputs, upsampling, lstm, bidirectional,
                 gru, attention, slopes, squeeze_excite, softmax_axis, group_norm, embedding)
}  # fmt: skip
RANGES = {"beta": (-0.3, 0.3), "bias": (-0.3, 0.3), "gamma": (0.5, 1.5), "variance": (0.5, 1.5), "alpha": (0.0, 0.3)}


def build(keras: Any, name: str, batch: int | None) -> Any:
    """A network with weights that spread values over both signs."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(SEED)
    model = NETWORKS[name](keras, batch)
    spread(model)
    return model


def spread(model: Any) -> None:
    """Give biases and what normalizes values of both signs and of different sizes."""
    random = np.random.default_rng(SEED)
    for weight in model.weights:
        found = [limits for part, limits in RANGES.items() if part in weight.name]
        if found:
            weight.assign(random.uniform(*found[0], weight.shape).astype(np.float32))


def samples(model: Any) -> list[list[NDArray[Any]]]:
    """What a model is calibrated with: one array for each of its inputs."""
    random = np.random.default_rng(SEED)
    return [[_sample(random, tensor) for tensor in model.inputs] for _ in range(_SAMPLES)]


def _sample(random: np.random.Generator, tensor: Any) -> NDArray[Any]:
    shape = (1, *tensor.shape[1:])
    if "int" in str(tensor.dtype):
        return random.integers(0, VOCABULARY, shape).astype(np.int32)
    return random.standard_normal(shape).astype(np.float32)
