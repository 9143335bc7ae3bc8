"""Networks of the kinds that small devices run, tiny and with seeded random weights: `NETWORKS[name](tf)`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def _conv(tf: Any, x: Any, filters: int, kernel: int = 3, stride: int = 1, act: str | None = "relu6") -> Any:
    layers = tf.keras.layers
    x = layers.Conv2D(filters, kernel, stride, "same", use_bias=False)(x)
    x = layers.BatchNormalization(momentum=0.0)(x)
    return _act(tf, x, act)


def _depthwise(tf: Any, x: Any, kernel: int = 3, stride: int = 1, act: str | None = "relu6") -> Any:
    layers = tf.keras.layers
    x = layers.DepthwiseConv2D(kernel, stride, "same", use_bias=False)(x)
    x = layers.BatchNormalization(momentum=0.0)(x)
    return _act(tf, x, act)


def _act(tf: Any, x: Any, act: str | None) -> Any:
    if act is None:
        return x
    if act == "hard_swish":
        return x * tf.keras.layers.ReLU(6.0)(x + 3.0) * (1.0 / 6.0)
    if act == "swish":
        return x * tf.sigmoid(x)
    return tf.keras.layers.ReLU(6.0)(x) if act == "relu6" else tf.keras.layers.ReLU()(x)


def _squeeze_excite(tf: Any, x: Any, gate: str) -> Any:
    layers, channels = tf.keras.layers, x.shape[-1]
    s = layers.GlobalAveragePooling2D(keepdims=True)(x)
    s = layers.Conv2D(max(1, channels // 4), 1, activation="relu")(s)
    s = layers.Conv2D(channels, 1)(s)
    return x * (layers.ReLU(6.0)(s + 3.0) * (1.0 / 6.0) if gate == "hard" else tf.sigmoid(s))


def _inverted(tf: Any, x: Any, out: int, stride: int = 1, act: str = "relu6", gate: str | None = None) -> Any:
    y = _conv(tf, x, x.shape[-1] * 3, 1, act=act)
    y = _depthwise(tf, y, 3, stride, act)
    y = _squeeze_excite(tf, y, gate) if gate else y
    y = _conv(tf, y, out, 1, act=None)
    return x + y if stride == 1 and out == x.shape[-1] else y


def _classifier(tf: Any, x: Any, classes: int = 5) -> Any:
    x = tf.keras.layers.GlobalAveragePooling2D()(x)
    return tf.keras.layers.Dense(classes, activation="softmax")(x)


def mobilenet_v1(tf: Any) -> Any:
    x = inputs = tf.keras.Input((24, 24, 3), batch_size=1)
    x = _conv(tf, x, 8, 3, 2)
    for filters, stride in ((8, 1), (16, 2), (16, 1)):
        x = _conv(tf, _depthwise(tf, x, 3, stride), filters, 1)
    return tf.keras.Model(inputs, _classifier(tf, x))


def mobilenet_v2(tf: Any) -> Any:
    x = inputs = tf.keras.Input((24, 24, 3), batch_size=1)
    x = _conv(tf, x, 8, 3, 2)
    for filters, stride in ((8, 1), (12, 2), (12, 1)):
        x = _inverted(tf, x, filters, stride)
    return tf.keras.Model(inputs, _classifier(tf, _conv(tf, x, 24, 1)))


def mobilenet_v3_small(tf: Any) -> Any:
    x = inputs = tf.keras.Input((24, 24, 3), batch_size=1)
    x = _conv(tf, x, 8, 3, 2, "hard_swish")
    x = _inverted(tf, x, 8, 1, "relu", "hard")
    x = _inverted(tf, x, 12, 2, "hard_swish", "hard")
    x = _inverted(tf, x, 12, 1, "hard_swish")
    return tf.keras.Model(inputs, _classifier(tf, _conv(tf, x, 24, 1, act="hard_swish")))


def efficientnet_lite(tf: Any) -> Any:
    x = inputs = tf.keras.Input((20, 20, 3), batch_size=1)
    x = _conv(tf, x, 8, 3, 2, "swish")
    x = _inverted(tf, x, 8, 1, "swish", "sigmoid")
    x = _inverted(tf, x, 10, 2, "relu6")
    return tf.keras.Model(inputs, _classifier(tf, x))


def resnet(tf: Any) -> Any:
    x = inputs = tf.keras.Input((16, 16, 3), batch_size=1)
    x = _conv(tf, x, 8, act="relu")
    for filters, stride in ((8, 1), (12, 2)):
        y = _conv(tf, x, filters, 3, stride, "relu")
        y = _conv(tf, y, filters, 3, act=None)
        x = x if filters == x.shape[-1] else _conv(tf, x, filters, 1, stride, None)
        x = tf.keras.layers.ReLU()(x + y)
    x = tf.keras.layers.AveragePooling2D(8)(x)
    x = tf.keras.layers.Flatten()(x)
    return tf.keras.Model(inputs, tf.keras.layers.Dense(10, activation="softmax")(x))


def ds_cnn(tf: Any) -> Any:
    x = inputs = tf.keras.Input((25, 10, 1), batch_size=1)
    x = tf.keras.layers.Conv2D(16, (10, 4), (2, 2), "same", activation="relu")(x)
    for _ in range(2):
        x = _conv(tf, _depthwise(tf, x, act="relu"), 16, 1, act="relu")
    return tf.keras.Model(inputs, _classifier(tf, x, 12))


def u_net(tf: Any) -> Any:
    layers = tf.keras.layers
    inputs = tf.keras.Input((16, 16, 2), batch_size=1)
    top = _conv(tf, inputs, 6)
    middle = _conv(tf, layers.MaxPooling2D()(top), 8)
    bottom = _conv(tf, layers.MaxPooling2D()(middle), 12)
    x = layers.Conv2DTranspose(8, 3, 2, "same")(bottom)
    x = _conv(tf, layers.Concatenate()([x, middle]), 8)
    x = layers.UpSampling2D(2, interpolation="bilinear")(x)
    x = _conv(tf, layers.Concatenate()([x, top]), 6)
    coarse = layers.UpSampling2D(4, interpolation="nearest")(bottom)
    x = layers.Concatenate()([x, coarse])
    return tf.keras.Model(inputs, layers.Conv2D(3, 1, activation="sigmoid")(x))


def conv_1d(tf: Any) -> Any:
    layers = tf.keras.layers
    x = inputs = tf.keras.Input((64, 3), batch_size=1)
    x = layers.Conv1D(8, 5, 2, "same", activation="relu")(x)
    x = layers.Conv1D(8, 3, dilation_rate=2, padding="causal", activation="tanh")(x)
    x = layers.SeparableConv1D(12, 3, activation="relu")(x)
    x = layers.MaxPooling1D(2)(x)
    x = layers.GlobalMaxPooling1D()(x)
    return tf.keras.Model(inputs, layers.Dense(6, activation="softmax")(x))


def autoencoder(tf: Any) -> Any:
    layers = tf.keras.layers
    x = inputs = tf.keras.Input((40,), batch_size=1)
    for units in (24, 24, 4, 24):
        x = layers.LeakyReLU(0.1)(layers.Dense(units)(x))
    return tf.keras.Model(inputs, layers.Dense(40)(x))


def attention(tf: Any) -> Any:
    layers = tf.keras.layers
    inputs = tf.keras.Input((10, 16), batch_size=1)
    query, key, value = (layers.Dense(16)(inputs) for _ in range(3))
    heads = [tf.transpose(tf.reshape(x, (1, 10, 2, 8)), (0, 2, 1, 3)) for x in (query, key, value)]
    scores = tf.matmul(heads[0], heads[1], transpose_b=True) * 0.35
    x = tf.matmul(tf.nn.softmax(scores), heads[2])
    x = inputs + layers.Dense(16)(tf.reshape(tf.transpose(x, (0, 2, 1, 3)), (1, 10, 16)))
    mean = tf.reduce_mean(x, -1, keepdims=True)
    spread = tf.reduce_mean(tf.math.squared_difference(x, mean), -1, keepdims=True)
    x = (x - mean) * tf.math.rsqrt(spread + 0.1)
    x = x + layers.Dense(16)(layers.Dense(24, activation="relu")(x))
    return tf.keras.Model(inputs, layers.Dense(4)(tf.reduce_sum(x, 1)))


def transformer(tf: Any) -> Any:
    """A block with layer norm, two heads of attention and GELU, which TensorFlow Lite Micro does not run."""
    layers = tf.keras.layers
    x = inputs = tf.keras.Input((8, 12), batch_size=1)
    normal = layers.LayerNormalization(epsilon=0.01)(x)
    x = x + layers.MultiHeadAttention(2, 6)(normal, normal)
    y = layers.Dense(24, activation="gelu")(layers.LayerNormalization(epsilon=0.01)(x))
    x = x + layers.Dense(12)(y)
    x = layers.GlobalAveragePooling1D()(layers.LayerNormalization(epsilon=0.01)(x))
    return tf.keras.Model(inputs, layers.Dense(5, activation="softmax")(x))


def detector(tf: Any) -> Any:
    layers = tf.keras.layers
    inputs = tf.keras.Input((32, 32, 3), batch_size=1)
    x = _conv(tf, _conv(tf, inputs, 8, 3, 2), 8, 3, 2)
    fine = _inverted(tf, x, 12, 1)
    coarse = _inverted(tf, fine, 16, 2)
    boxes = [layers.Reshape((-1, 4))(layers.Conv2D(8, 3, padding="same")(x)) for x in (fine, coarse)]
    scores = [layers.Reshape((-1, 3))(layers.Conv2D(6, 3, padding="same")(x)) for x in (fine, coarse)]
    centers, sizes = tf.split(tf.concat(boxes, 1), 2, -1)
    corners = tf.concat([centers - sizes, centers + sizes], -1)
    return tf.keras.Model(inputs, [corners, tf.sigmoid(tf.concat(scores, 1)), layers.GlobalMaxPooling2D()(coarse)])


def shapes(tf: Any) -> Any:
    """What the others leave out: mirrors, depth and space, slices, minima, maxima, slopes, norms."""
    layers = tf.keras.layers
    inputs = tf.keras.Input((12, 12, 4), batch_size=1)
    x = tf.pad(inputs, ((0, 0), (1, 1), (2, 2), (0, 0)), "REFLECT")
    x = layers.PReLU(shared_axes=(1, 2), alpha_initializer="random_uniform")(layers.Conv2D(8, 3)(x))
    x = tf.nn.depth_to_space(tf.nn.space_to_depth(x, 2), 2)
    x = tf.minimum(tf.maximum(x, -1.0), x[:, :, ::-1, :])
    a, b = tf.unstack(tf.reshape(x, (1, 2, -1, 8)), axis=1)
    x = tf.stack([a, tf.abs(b)], axis=1)[:, :, 3:-1:2, :]
    x = tf.gather(x, (0, 3, 3, 5), axis=3)
    x = tf.math.l2_normalize(tf.reshape(x, (1, -1, 4)), -1)
    return tf.keras.Model(inputs, tf.reduce_max(x, 1))


def lstm_unrolled(tf: Any) -> Any:
    layers = tf.keras.layers
    inputs = tf.keras.Input((6, 8), batch_size=1)
    return tf.keras.Model(inputs, layers.Dense(4)(layers.LSTM(10, unroll=True)(inputs)))


def gru_unrolled(tf: Any) -> Any:
    layers = tf.keras.layers
    inputs = tf.keras.Input((6, 8), batch_size=1)
    x = layers.GRU(10, unroll=True, implementation=1, reset_after=False)(inputs)
    return tf.keras.Model(inputs, layers.Dense(4)(x))


def lstm(tf: Any) -> Any:
    """The converter makes one UNIDIRECTIONAL_SEQUENCE_LSTM of it."""
    layers = tf.keras.layers
    inputs = tf.keras.Input((9, 8), batch_size=1)
    return tf.keras.Model(inputs, layers.Dense(4)(layers.LSTM(12)(inputs)))


NETWORKS: dict[str, Callable[[Any], Any]] = {
    make.__name__: make
    for make in (mobilenet_v1, mobilenet_v2, mobilenet_v3_small, efficientnet_lite, resnet, ds_cnn, u_net, conv_1d,
                 autoencoder, attention, transformer, detector, shapes, lstm_unrolled, gru_unrolled, lstm)
}  # fmt: skip
