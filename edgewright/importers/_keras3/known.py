"""Layers and operations of Keras 3 that tf-keras has too, told from a model's configuration alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

MODELS = frozenset({"Functional", "Sequential", "Model"})

LAYERS = frozenset(
    {
        *("Activation", "ActivityRegularization", "Add", "AlphaDropout", "Attention", "Average", "AdditiveAttention"),
        *("AveragePooling1D", "AveragePooling2D", "AveragePooling3D", "BatchNormalization", "Bidirectional"),
        *("CategoryEncoding", "CenterCrop", "Concatenate", "Conv1D", "Conv1DTranspose", "Conv2D", "Conv2DTranspose"),
        *("Conv3D", "Cropping1D", "Cropping2D", "Cropping3D", "Dense", "DepthwiseConv1D", "DepthwiseConv2D", "Dot"),
        *("Dropout", "ELU", "EinsumDense", "Embedding", "Flatten", "GRU", "GRUCell", "GaussianDropout"),
        *("GaussianNoise", "GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalMaxPooling1D"),
        *("GlobalMaxPooling2D", "GroupNormalization", "InputLayer", "LSTM", "LSTMCell", "LayerNormalization"),
        *("LeakyReLU", "Masking", "MaxPooling1D", "MaxPooling2D", "MaxPooling3D", "Maximum", "Minimum"),
        *("MultiHeadAttention", "Multiply", "Normalization", "PReLU", "Permute", "RandomBrightness"),
        *("RandomContrast", "RandomCrop", "RandomFlip", "RandomRotation", "RandomTranslation", "RandomZoom", "ReLU"),
        *("RepeatVector", "Rescaling", "Reshape", "Resizing", "SeparableConv1D", "SeparableConv2D", "SimpleRNN"),
        *("SimpleRNNCell", "Softmax", "SpatialDropout1D", "SpatialDropout2D", "Subtract", "TimeDistributed"),
        *("UnitNormalization", "UpSampling1D", "UpSampling2D", "ZeroPadding1D", "ZeroPadding2D"),
    }
)

OPERATIONS = frozenset(
    {
        *("Abs", "Add", "Concatenate", "Divide", "Exp", "ExpandDims", "Gelu", "GetItem", "LogSoftmax", "Matmul", "Max"),
        *("Maximum", "Mean", "Min", "Minimum", "Multiply", "Negative", "Power", "Relu", "Relu6", "Reshape", "Sigmoid"),
        *("Silu", "Softmax", "Sqrt", "Square", "Squeeze", "Stack", "Subtract", "Sum", "Tanh", "Transpose"),
        "TrueDivide",
    }
)


def stops(config: Mapping[str, Any]) -> list[str]:
    """What of a model's configuration tf-keras lacks, "name (Class)" each; empty: it can be rebuilt."""
    return list(dict.fromkeys(_stops(config)))


def _stops(config: Mapping[str, Any]) -> Iterator[str]:
    kind, inner = str(config.get("class_name")), config.get("config")
    inner = inner if isinstance(inner, dict) else {}
    if kind in MODELS and _is_own(config):
        for layer in inner.get("layers", ()):
            yield from _stops(layer)
        return
    known = OPERATIONS if is_operation(config) else LAYERS
    if kind not in known or not _is_own(config):
        yield f"{inner.get('name', kind)} ({kind})"
    for key in ("layer", "backward_layer", "cell"):
        if isinstance(inner.get(key), dict):
            yield from _stops(inner[key])


def quantized(config: Mapping[str, Any]) -> list[str]:
    """Layers that Keras' own quantize() changed, "name (Class): mode" each: their weights are no floats."""
    return [f"{each['config'].get('name')} ({each.get('class_name')}): {mode}" for each, mode in _modes(config)]


def _modes(value: Any) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Each object of a configuration whose policy for types says how it is quantized, and how."""
    if isinstance(value, list):
        for item in value:
            yield from _modes(item)
    if not isinstance(value, dict):
        return
    config = value.get("config")
    policy = config.get("dtype") if isinstance(config, dict) else None
    inner = policy.get("config") if isinstance(policy, dict) else None
    if isinstance(inner, dict) and "mode" in inner:
        yield value, str(inner["mode"])
    for item in value.values():
        yield from _modes(item)


def is_operation(config: Mapping[str, Any]) -> bool:
    """Whether a configuration is of a function of keras.ops, and not of a layer."""
    return str(config.get("module")).startswith("keras.src.ops")


def _is_own(config: Mapping[str, Any]) -> bool:
    """Whether it is Keras' own class, and not one of the project's with that name."""
    of_keras = str(config.get("module") or "keras").split(".", maxsplit=1)[0] == "keras"
    return of_keras and config.get("registered_name") in {None, "", config.get("class_name")}
