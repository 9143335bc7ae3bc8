"""Random operators that work element by element, and rows and reductions: (network, input) -> output."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from testbench.differential.builder import Value
from testbench.differential.network import (
    ACTIVATIONS,
    Generator,
    Network,
    broadcast,
    either,
    other_input,
    reduced,
    rescaled,
)

_TYPES = ("int8", "int16", "int32", "bool", "float32")
_QUANTIZED = {"int8": ("uint8", "int16", "int32"), "uint8": ("int8",), "int16": ("int8", "int16", "int32"),
              "int32": ("int8", "int16"), "float32": ("int8", "int16")}  # fmt: skip


def sub(net: Network, x: Value) -> Value:
    """Two inputs, one of them perhaps broadcast or constant."""
    other = other_input(net, x)
    reach = 2 * max(x.scale, other.scale)
    y = net.output(broadcast(x, other), float(np.float32(reach * 2.0 ** net.random.uniform(-4, 3))))
    return net.builder.op("SUB", either(net, x, other), [y], fused_activation_function=net.pick(*ACTIVATIONS))


def squared_difference(net: Network, x: Value) -> Value:
    """Two inputs, one of them perhaps broadcast or constant."""
    other = other_input(net, x)
    reach = max(x.scale, other.scale) ** 2
    y = net.output(broadcast(x, other), float(np.float32(reach * 2.0 ** net.random.uniform(-2, 12))))
    return net.builder.op("SQUARED_DIFFERENCE", either(net, x, other), [y])


def prelu(net: Network, x: Value) -> Value:
    """A slope for each channel, for each element, or one."""
    shape = [size if net.chance(0.5) else 1 for size in x.shape[1:]]
    alpha = net.builder.constant(net.int8(shape), net.scale(), net.zero_point())
    return net.builder.op("PRELU", [x, alpha], [rescaled(net, x)])


def hard_swish(net: Network, x: Value) -> Value:
    """With a change of scale."""
    return net.builder.op("HARD_SWISH", [x], [rescaled(net, x)])


def tanh(net: Network, x: Value) -> Value:
    """On the scale 1/128."""
    return net.builder.op("TANH", [x], [net.output(x.shape, 1 / 128, 0)], version=2)


def rsqrt(net: Network, x: Value) -> Value:
    """Of values that are not below 0: those of a tensor with the zero point -128."""
    x = net.builder.op("QUANTIZE", [x], [net.output(x.shape, x.scale, -128)], version=2)
    scale = float(np.float32(2.0 ** net.random.uniform(-8, -4) / np.sqrt(x.scale)))
    return net.builder.op("RSQRT", [x], [net.output(x.shape, scale)], version=2)


def l2_normalization(net: Network, x: Value) -> Value:
    """Rows of the last dimension."""
    return net.builder.op("L2_NORMALIZATION", [x], [net.output(x.shape, 1 / 128, 0)], version=2)


def total(net: Network, x: Value) -> Value:
    """Over one or two dimensions."""
    axes, shape, keep = reduced(net, x)
    y = net.output(shape, float(np.float32(x.scale * 2.0 ** net.random.uniform(-1, 6))))
    return net.builder.op("SUM", [x, axes], [y], version=2, keep_dims=keep)


def _reduction(name: str) -> Generator:
    def make(net: Network, x: Value) -> Value:
        axes, shape, keep = reduced(net, x)
        return net.builder.op(name, [x, axes], [net.like(x, shape)], version=2, keep_dims=keep)

    return make


def division(net: Network, x: Value) -> Value:
    """By constants, none of them 0, as far as TensorFlow Lite Micro shifts by no more than 31 bits."""
    shape = [size if net.chance(0.6) else 1 for size in x.shape]
    zero = net.zero_point()
    data = net.int8(shape)
    other = net.builder.constant(np.where(data == zero, zero // 2 - 1, data).astype(np.int8), net.scale(), zero)
    y = net.output(x.shape, float(np.float32(x.scale / other.scale * 2.0 ** -net.random.uniform(8, 20))))
    return net.builder.op("DIV", [x, other], [y], fused_activation_function=net.pick(*ACTIVATIONS))


def log_softmax(net: Network, x: Value) -> Value:
    """Over the last dimension."""
    return net.builder.op("LOG_SOFTMAX", [x], [net.output(x.shape, 1 / 16, 127)])


def sqrt(net: Network, x: Value) -> Value:
    """Of values that are not below 0: those of a tensor with the zero point -128."""
    x = net.builder.op("QUANTIZE", [x], [net.output(x.shape, x.scale, -128)], version=2)
    return net.builder.op("SQRT", [x], [net.output(x.shape)])


def logarithm(net: Network, x: Value) -> Value:
    """Of values of both signs."""
    return net.builder.op("LOG", [x], [net.output(x.shape)], version=2)


def cast(net: Network, x: Value) -> Value:
    """Between any two types; the chain ends where the output is not int8."""
    if net.chance(0.5):
        y = net.builder.tensor(x.shape, dtype=str(net.random.choice(_TYPES)))
        return net.builder.op("CAST", [x], [y])
    start = net.input(x.shape, str(net.random.choice(_TYPES)))
    return net.builder.op("CAST", [start], [net.builder.tensor(x.shape, dtype=str(net.random.choice(_TYPES)))])


def quantize(net: Network, x: Value) -> Value:
    """To another scale, mostly of int8; else between any two types."""
    if net.chance(0.4):
        return net.builder.op("QUANTIZE", [x], [rescaled(net, x)], version=2)
    kind = str(net.random.choice(sorted(_QUANTIZED)))
    start = x if kind == "int8" else net.input(x.shape, kind)
    to = str(net.random.choice(_QUANTIZED[kind]))
    zero = net.between(0, 255) if to == "uint8" else net.zero_point() if to == "int8" else 0
    scale = float(np.float32((start.scale or 0.05) * 2.0 ** net.random.uniform(-6, 6)))
    return net.builder.op("QUANTIZE", [start], [net.builder.tensor(x.shape, scale, zero, to)], version=2)


def dequantize(net: Network, x: Value) -> Value:
    """To float32."""
    start = x if net.chance(0.5) else net.input(x.shape, str(net.random.choice(("int8", "uint8", "int16"))))
    return net.builder.op("DEQUANTIZE", [start], [net.builder.tensor(x.shape, dtype="float32")], version=2)


def logical_not(net: Network, x: Value) -> Value:
    """Of a comparison."""
    return net.builder.op("LOGICAL_NOT", [_compare("LESS")(net, x)], [net.builder.tensor(x.shape, dtype="bool")])


def _logical(name: str) -> Generator:
    def make(net: Network, x: Value) -> Value:
        shape = [size if net.chance(0.6) else 1 for size in x.shape]
        inputs = [_compare("GREATER")(net, x, same_shape=True), net.input(shape, "bool")]
        y = net.builder.tensor(x.shape, dtype="bool")
        return net.builder.op(name, inputs if net.chance(0.5) else inputs[::-1], [y])

    return make


def _compare(name: str) -> Callable[..., Value]:
    def make(net: Network, x: Value, *, same_shape: bool = False) -> Value:
        a = _below_one(net, x)
        b = a if net.chance(0.1) else _below_one(net, net.input(x.shape) if same_shape else other_input(net, x))
        shape = broadcast(a, b)
        inputs = [a, b] if net.chance(0.5) else [b, a]
        return net.builder.op(name, inputs, [net.builder.tensor(shape, dtype="bool")])

    return make


def _below_one(net: Network, x: Value) -> Value:
    if x.scale < 1.0:
        return x
    return net.builder.op("QUANTIZE", [x], [net.output(x.shape, float(np.float32(net.random.uniform(0.01, 0.99))))])


def gelu(net: Network, x: Value) -> Value:
    """By erfc, or approximated by tanh."""
    return net.builder.op("GELU", [x], [rescaled(net, x)], approximate=net.chance(0.5))


def _extremum(name: str) -> Generator:
    def make(net: Network, x: Value) -> Value:
        other = other_input(net, x)
        return net.builder.op(name, either(net, x, other), [net.like(x, broadcast(x, other))])

    return make


def _unary(name: str, version: int = 1) -> Generator:
    def make(net: Network, x: Value) -> Value:
        return net.builder.op(name, [x], [rescaled(net, x)], version=version)

    return make


def _arg(name: str) -> Generator:
    def make(net: Network, x: Value) -> Value:
        axis = net.between(-len(x.shape), len(x.shape) - 1)
        shape = [size for i, size in enumerate(x.shape) if i != axis % len(x.shape)]
        y = net.builder.tensor(shape, dtype="int32")
        return net.builder.op(name, [x, net.builder.constant(np.array(axis, np.int32))], [y], output_type=2)

    return make


GENERATORS: dict[str, Generator] = {
    "SUB": sub,
    "SQUARED_DIFFERENCE": squared_difference,
    "PRELU": prelu,
    "HARD_SWISH": hard_swish,
    "TANH": tanh,
    "ELU": _unary("ELU"),
    "ABS": _unary("ABS"),
    "RSQRT": rsqrt,
    "L2_NORMALIZATION": l2_normalization,
    "SUM": total,
    "DIV": division,
    "LOG_SOFTMAX": log_softmax,
    **{name: _reduction(name) for name in ("REDUCE_MAX", "REDUCE_MIN")},
    "CAST": cast,
    "QUANTIZE": quantize,
    "DEQUANTIZE": dequantize,
    "LOGICAL_NOT": logical_not,
    **{name: _logical(name) for name in ("LOGICAL_AND", "LOGICAL_OR")},
    **{name: _extremum(name) for name in ("MAXIMUM", "MINIMUM")},
    **{name: _arg(name) for name in ("ARG_MAX", "ARG_MIN")},
    **{name: _compare(name) for name in ("EQUAL", "NOT_EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL")},
}

LITERT: dict[str, Generator] = {
    "RELU_N1_TO_1": _unary("RELU_N1_TO_1"),
    "EXP": _unary("EXP"),
    "GELU": gelu,
    "LOG": logarithm,
    "SQRT": sqrt,
}
"""Those that TensorFlow Lite Micro does not run: LiteRT's reference kernels do."""
