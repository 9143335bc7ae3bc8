"""Activations and functions of keras.ops, written with what tf-keras has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Function = Callable[..., Any]


def activation(tf: Any, name: str, layer: str) -> Function:
    """An activation as layers, whose names begin with `layer`; formulas are those of keras.activations of Keras 3."""
    layers = tf.keras.layers
    if name == "relu6":
        return layers.ReLU(6.0, name=layer)  # type: ignore[no-any-return]
    if name == "leaky_relu":
        return layers.LeakyReLU(0.2, name=layer)  # type: ignore[no-any-return]
    if name == "log_softmax":
        return tf.nn.log_softmax  # type: ignore[no-any-return]
    shift, clip = layers.Rescaling(1.0, 3.0, name=f"{layer}_shift"), layers.ReLU(6.0, name=f"{layer}_clip")
    scale = layers.Rescaling(1 / 6, name=f"{layer}_scale")
    if name == "hard_sigmoid":
        return lambda x: scale(clip(shift(x)))
    product = layers.Multiply(name=layer)
    return lambda x: product([x, scale(clip(shift(x)))])


def operation(tf: Any, op: Any) -> Function:
    """The function of an operation of Keras 3, `known.OPERATIONS`, with its arguments but for the tensors."""
    return _table(tf, op)[type(op).__name__]


def _table(tf: Any, op: Any) -> dict[str, Function]:
    return {**_arithmetic(tf), **_reductions(tf, op), **_of_shape(tf, op), **_nn(tf, op)}


def _arithmetic(tf: Any) -> dict[str, Function]:
    return {
        "Abs": tf.abs,
        "Add": lambda a, b: a + b,
        "Divide": lambda a, b: a / b,
        "Exp": tf.exp,
        "Matmul": tf.matmul,
        "Maximum": tf.maximum,
        "Minimum": tf.minimum,
        "Multiply": lambda a, b: a * b,
        "Negative": lambda a: -a,
        "Power": tf.pow,
        "Sqrt": tf.sqrt,
        "Square": tf.square,
        "Subtract": lambda a, b: a - b,
        "Tanh": tf.tanh,
        "TrueDivide": lambda a, b: a / b,
    }


def _reductions(tf: Any, op: Any) -> dict[str, Function]:
    reductions = {"Max": tf.reduce_max, "Mean": tf.reduce_mean, "Min": tf.reduce_min, "Sum": tf.reduce_sum}

    def reduced(function: Function) -> Function:
        return lambda x: function(x, axis=op.axis, keepdims=op.keepdims)

    return {name: reduced(function) for name, function in reductions.items()}


def _of_shape(tf: Any, op: Any) -> dict[str, Function]:
    return {
        "Concatenate": lambda xs: tf.concat(xs, op.axis),
        "ExpandDims": lambda x: tf.expand_dims(x, op.axis),
        "GetItem": lambda x, key: x[key],
        "Reshape": lambda x: tf.reshape(x, [-1 if size is None else size for size in op.newshape]),
        "Squeeze": lambda x: tf.squeeze(x, op.axis),
        "Stack": lambda xs: tf.stack(xs, op.axis),
        "Transpose": lambda x: tf.transpose(x, op.axes),
    }


def _nn(tf: Any, op: Any) -> dict[str, Function]:
    return {
        "Gelu": lambda x: tf.nn.gelu(x, op.approximate),
        "LogSoftmax": lambda x: tf.nn.log_softmax(x, op.axis),
        "Relu": tf.nn.relu,
        "Relu6": tf.nn.relu6,
        "Sigmoid": tf.sigmoid,
        "Silu": tf.nn.silu,
        "Softmax": lambda x: tf.nn.softmax(x, op.axis),
    }
