"""Random operators on float32 that have no int16 kin: (network, input) -> output."""

from __future__ import annotations

import numpy as np

from testbench.differential.builder import Value
from testbench.differential.network import Generator, Network, broadcast, reduced
from testbench.differential.typed import given, window_of

_POSITIVE = ("SQRT", "RSQRT", "LOG")


def unary(op: str, version: int = 1, **options: bool) -> Generator:
    """A function of single elements; some take no negative numbers."""

    def make(net: Network, x: Value) -> Value:
        if op in _POSITIVE:
            x = net.builder.op("ABS", [x], [_like(net, x.shape)])
        return net.builder.op(op, [x], [_like(net, x.shape)], version=version, **options)

    return make


def binary(op: str) -> Generator:
    """The second input may be broadcast."""

    def make(net: Network, x: Value) -> Value:
        other = given(net, "float32", *(size if net.chance(0.6) else 1 for size in x.shape))
        return net.builder.op(op, [x, other], [_like(net, broadcast(x, other))])

    return make


def division(op: str, *activations: int) -> Generator:
    """By constants, none of them 0: TensorFlow Lite Micro stops at those."""

    def make(net: Network, x: Value) -> Value:
        shape = tuple(size if net.chance(0.6) else 1 for size in x.shape)
        other = net.builder.constant(net.random.standard_normal(shape).astype(np.float32))
        options = {"fused_activation_function": net.pick(*activations)} if activations else {}
        return net.builder.op(op, [x, other], [_like(net, x.shape)], **options)

    return make


def power(net: Network, x: Value) -> Value:
    """Of numbers that are not negative."""
    return binary("POW")(net, net.builder.op("ABS", [x], [_like(net, x.shape)]))


def rows(op: str) -> Generator:
    """Over the last dimension."""
    return lambda net, x: net.builder.op(op, [x], [_like(net, x.shape)])


def reduction(op: str) -> Generator:
    """Over one or two dimensions."""

    def make(net: Network, x: Value) -> Value:
        axes, shape, keep = reduced(net, x)
        return net.builder.op(op, [x, axes], [_like(net, shape)], version=2, keep_dims=keep)

    return make


def batch_matmul(net: Network, x: Value) -> Value:
    """Either side transposed, the second one perhaps of one matrix alone."""
    adj_x, adj_y, columns = net.chance(0.5), net.chance(0.5), net.between(1, 5)
    rows, depth = (x.shape[3], x.shape[2]) if adj_x else x.shape[2:]
    outer = x.shape[:2] if net.chance(0.5) else (1, 1)
    other = given(net, "float32", *outer, *((columns, depth) if adj_y else (depth, columns)))
    y = _like(net, (*x.shape[:2], rows, columns))
    return net.builder.op("BATCH_MATMUL", [x, other], [y], adj_x=adj_x, adj_y=adj_y)


def resize(op: str) -> Generator:
    """To a larger or smaller image."""

    def make(net: Network, x: Value) -> Value:
        size = [net.between(1, 9), net.between(1, 9)]
        mode = net.pick(0, 1, 2)
        y = net.builder.tensor((x.shape[0], *size, x.shape[3]), x.scale, 0, x.dtype)
        options = {"align_corners": mode == 1, "half_pixel_centers": mode == 2}
        return net.builder.op(op, [x, net.builder.constant(np.array(size, np.int32))], [y], version=3, **options)

    return make


def l2_pool_2d(net: Network, x: Value) -> Value:
    """Any window and stride."""
    options, shape = window_of(net, x)
    return net.builder.op("L2_POOL_2D", [x], [_like(net, shape)], **options)


def _like(net: Network, shape: object) -> Value:
    return net.builder.tensor(tuple(shape), dtype="float32")  # type: ignore[arg-type]


GENERATORS: dict[str, Generator] = {
    **{op: unary(op) for op in ("ELU", "SQUARE", "HARD_SWISH", "ABS", "NEG", "FLOOR", "CEIL", "ROUND", "EXP")},
    **{op: unary(op) for op in ("LOG", "SIN", "COS", "SQRT", "RSQRT")},
    **{op: binary(op) for op in ("MAXIMUM", "MINIMUM", "SQUARED_DIFFERENCE", "PRELU")},
    **{op: division(op) for op in ("FLOOR_DIV", "FLOOR_MOD")},
    "DIV": division("DIV", 0, 1, 2, 3),
    **{op: rows(op) for op in ("LOG_SOFTMAX", "L2_NORMALIZATION")},
    **{op: reduction(op) for op in ("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN")},
    "BATCH_MATMUL": batch_matmul,
    "RESIZE_BILINEAR": resize("RESIZE_BILINEAR"),
    "RESIZE_NEAREST_NEIGHBOR": resize("RESIZE_NEAREST_NEIGHBOR"),
    "L2_POOL_2D": l2_pool_2d,
}
"""By operator, for TensorFlow Lite Micro."""

LITERT: dict[str, Generator] = {"POW": power}
"""By operator, for LiteRT's reference kernels."""

CLOSE: dict[str, Generator] = {
    "GELU": unary("GELU", approximate=False),
    "GELU by tanh": unary("GELU", approximate=True),
}
"""The same where LiteRT has an erfc() and tanh() of its own: last bits differ."""
