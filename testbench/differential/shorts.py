"""Random operators on int16 that have no float32 kin of the same form: (network, input) -> output."""

from __future__ import annotations

import numpy as np

from testbench.differential.builder import Value
from testbench.differential.floats import resize
from testbench.differential.network import Generator, Network, broadcast, reduced
from testbench.differential.typed import given


def reduction(op: str) -> Generator:
    """Over one or two dimensions."""

    def make(net: Network, x: Value) -> Value:
        axes, shape, keep = reduced(net, x)
        factor = 1.0 if op == "REDUCE_MAX" or net.chance(0.3) else 2.0 ** net.random.uniform(-3, 3)
        return net.builder.op(op, [x, axes], [_output(net, shape, x.scale * factor)], version=3, keep_dims=keep)

    return make


def extremum(op: str) -> Generator:
    """Of one scale; the second input may be broadcast."""

    def make(net: Network, x: Value) -> Value:
        other = _output(net, [size if net.chance(0.6) else 1 for size in x.shape], x.scale)
        net.inputs.append(other)
        y = _output(net, broadcast(x, other), x.scale)
        return net.builder.op(op, [x, other], [y], version=2)

    return make


def _output(net: Network, shape: object, scale: float) -> Value:
    return net.builder.tensor(tuple(shape), float(np.float32(scale)), 0, "int16")  # type: ignore[arg-type]


def batch_matmul(net: Network, x: Value) -> Value:
    """Either side transposed, the second one perhaps of one matrix alone."""
    adj_x, adj_y, columns = net.chance(0.5), net.chance(0.5), net.between(1, 5)
    rows, depth = (x.shape[3], x.shape[2]) if adj_x else x.shape[2:]
    outer = x.shape[:2] if net.chance(0.5) else (1, 1)
    other = given(net, x.dtype, *outer, *((columns, depth) if adj_y else (depth, columns)))
    scale = x.scale * other.scale * 2.0 ** net.random.uniform(8, 17)
    y = _output(net, (*x.shape[:2], rows, columns), scale)
    return net.builder.op("BATCH_MATMUL", [x, other], [y], version=4, adj_x=adj_x, adj_y=adj_y)


def squared_difference(net: Network, x: Value) -> Value:
    """The second input may be broadcast."""
    other = given(net, "int16", *(size if net.chance(0.6) else 1 for size in x.shape))
    y = _output(net, x.shape, max(x.scale, other.scale) ** 2 * 2.0 ** net.random.uniform(8, 20))
    return net.builder.op("SQUARED_DIFFERENCE", [x, other], [y])


def absolute(net: Network, x: Value) -> Value:
    """With a change of scale, or without."""
    factor = 1.0 if net.chance(0.3) else 2.0 ** net.random.uniform(-4, 4)
    return net.builder.op("ABS", [x], [_output(net, x.shape, x.scale * factor)], version=5)


def rsqrt(net: Network, x: Value) -> Value:
    """Of numbers that are not below 0."""
    y = _output(net, x.shape, 2.0 ** net.random.uniform(-18, -8) / np.sqrt(x.scale))
    return net.builder.op("RSQRT", [_positive(net, x)], [y], version=2)


def _positive(net: Network, x: Value) -> Value:
    return net.builder.op("RELU", [x], [_output(net, x.shape, x.scale)], version=2)


def logarithm(net: Network, x: Value) -> Value:
    """Of numbers of both signs."""
    y = _output(net, x.shape, 2.0 ** net.random.uniform(-13, -10))
    return net.builder.op("LOG", [x], [y], version=2)


def exponential(net: Network, x: Value) -> Value:
    """On a scale that takes the most of it, or not; of numbers below 64, as LiteRT answers 0 to those from 89 on."""
    if x.scale > 2.0**-9:
        x = given(net, "int16", *x.shape, scale=2.0 ** net.random.uniform(-14, -9))
    y = _output(net, x.shape, 2.0 ** net.random.uniform(-15, -8))
    return net.builder.op("EXP", [x], [y], version=2)


def gelu(net: Network, x: Value) -> Value:
    """By erfc, or approximated by tanh."""
    y = _output(net, x.shape, x.scale * 2.0 ** net.random.uniform(-3, 3))
    return net.builder.op("GELU", [x], [y], approximate=net.chance(0.5))


GENERATORS: dict[str, Generator] = {
    "BATCH_MATMUL": batch_matmul,
    **{op: reduction(op) for op in ("MEAN", "SUM")},
    **{op: extremum(op) for op in ("MAXIMUM", "MINIMUM")},
    "RESIZE_NEAREST_NEIGHBOR": resize("RESIZE_NEAREST_NEIGHBOR"),
    "SQUARED_DIFFERENCE": squared_difference,
    "ABS": absolute,
    "RSQRT": rsqrt,
}
"""By operator, for TensorFlow Lite Micro."""

LITERT: dict[str, Generator] = {
    "REDUCE_MAX": reduction("REDUCE_MAX"),
    "RESIZE_BILINEAR": resize("RESIZE_BILINEAR"),
    "LOG": logarithm,
    "EXP": exponential,
    "GELU": gelu,
}
"""By operator, for LiteRT's reference kernels."""
