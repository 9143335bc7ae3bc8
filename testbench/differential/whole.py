"""Random operators on int32, int64, bool and float32 that carry indices and masks: (network, dtype) -> output."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from testbench.differential.builder import Value
from testbench.differential.network import Network, broadcast, either

Make = Callable[[Network, str], Value]


def given(net: Network, dtype: str) -> Value:
    """A new input."""
    value = net.builder.tensor((net.pick(1, 2), net.between(1, 5), net.between(1, 4), net.between(1, 4)), dtype=dtype)
    net.inputs.append(value)
    return value


def _other(net: Network, x: Value) -> Value:
    shape = x.shape if net.chance(0.5) else tuple(1 if net.chance(0.4) else size for size in x.shape)
    if net.chance(0.3) and x.dtype != "bool":
        return net.builder.constant(net.random.integers(-9, 9, shape).astype(x.dtype))
    value = net.builder.tensor(shape, dtype=x.dtype)
    net.inputs.append(value)
    return value


def binary(op: str, *activations: int) -> Make:
    """With broadcasting of both sides, and one of the fused activations."""

    def make(net: Network, dtype: str) -> Value:
        x = given(net, dtype)
        other = _other(net, x)
        y = net.builder.tensor(broadcast(x, other), dtype=dtype)
        options = {"fused_activation_function": net.pick(*activations)} if activations else {}
        return net.builder.op(op, either(net, x, other), [y], version=2 if activations else 1, **options)

    return make


def quotient(op: str) -> Make:
    """By constants, none of them 0."""

    def make(net: Network, dtype: str) -> Value:
        x = given(net, dtype)
        shape = tuple(1 if net.chance(0.4) else size for size in x.shape)
        data = net.random.integers(1, 1 << net.pick(3, 8, 20), shape) * net.random.choice((-1, 1), shape)
        y = net.builder.tensor(x.shape, dtype=dtype)
        return net.builder.op(op, [x, net.builder.constant(data.astype(dtype))], [y])

    return make


def compare(op: str) -> Make:
    """To bool; half of the elements are the same on both sides."""

    def make(net: Network, dtype: str) -> Value:
        x = given(net, dtype)
        other = _other(net, x)
        y = net.builder.tensor(broadcast(x, other), dtype="bool")
        return net.builder.op(op, either(net, x, other), [y])

    return make


def unary(op: str) -> Make:
    """Of single elements."""

    def make(net: Network, dtype: str) -> Value:
        x = given(net, dtype)
        return net.builder.op(op, [x], [net.builder.tensor(x.shape, dtype=dtype)])

    return make


def total(net: Network, dtype: str) -> Value:
    """ADD_N of two to four."""
    x = given(net, dtype)
    others = [net.builder.tensor(x.shape, dtype=dtype) for _ in range(net.between(1, 3))]
    net.inputs.extend(others)
    return net.builder.op("ADD_N", [x, *others], [net.builder.tensor(x.shape, dtype=dtype)])


_PLACES = {"int32": 2, "int64": 4}
"""Numbers of types in a .tflite file."""


def place_of(op: str, to: str) -> Make:
    """ARG_MAX or ARG_MIN along any axis, to a type."""

    def make(net: Network, dtype: str) -> Value:
        x, axis = given(net, dtype), net.between(0, 3)
        y = net.builder.tensor((*x.shape[:axis], *x.shape[axis + 1 :]), dtype=to)
        where = net.builder.constant(np.array(axis, np.int32))
        return net.builder.op(op, [x, where], [y], version=2, output_type=_PLACES[to])

    return make


def cast_to(to: str) -> Make:
    """CAST to a type."""
    return lambda net, dtype: _cast(net, given(net, dtype), to)


def _cast(net: Network, x: Value, to: str) -> Value:
    return net.builder.op("CAST", [x], [net.builder.tensor(x.shape, dtype=to)])


def packed(net: Network, dtype: str) -> Value:
    """PACK of two."""
    x = given(net, dtype)
    other = net.builder.tensor(x.shape, dtype=dtype)
    net.inputs.append(other)
    axis = net.between(0, 3)
    shape = (*x.shape[:axis], 2, *x.shape[axis:])
    return net.builder.op("PACK", [x, other], [net.builder.tensor(shape, dtype=dtype)], values_count=2, axis=axis)


def cumsum(net: Network, dtype: str) -> Value:
    """Along any axis."""
    x, axis = given(net, dtype), net.between(0, 3)
    where = net.builder.constant(np.array(axis, np.int32))
    y = net.builder.tensor(x.shape, dtype=dtype)
    return net.builder.op("CUMSUM", [x, where], [y], exclusive=net.chance(0.5), reverse=net.chance(0.5))


_RELATIONS = ("EQUAL", "NOT_EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL")
_NUMBERS = ("int32", "int64", "float32")

TFLM: dict[tuple[str, str], Make] = {
    **{(op, "int32"): binary(op) for op in ("ADD", "SUB", "MUL", "MAXIMUM", "MINIMUM")},
    **{(op, "int64"): binary(op) for op in ("MAXIMUM", "MINIMUM")},
    ("SQUARED_DIFFERENCE", "int32"): binary("SQUARED_DIFFERENCE"),
    **{(op, dtype): compare(op) for op in _RELATIONS for dtype in _NUMBERS},
    **{(op, "bool"): compare(op) for op in ("EQUAL", "NOT_EQUAL")},
    **{(f"CAST to {to}", "int32"): cast_to(to) for to in ("int8", "int16", "float32", "bool")},
    **{("PACK", dtype): packed for dtype in ("int32", "int64")},
    ("CUMSUM", "float32"): cumsum,
    ("ADD_N", "float32"): total,
    **{(op, "float32"): place_of(op, "int32") for op in ("ARG_MAX", "ARG_MIN")},
}
"""By operator and type, for TensorFlow Lite Micro."""

LITERT: dict[tuple[str, str], Make] = {
    **{(op, "int32"): quotient(op) for op in ("DIV", "FLOOR_DIV", "FLOOR_MOD")},
    **{(op, "int64"): binary(op) for op in ("ADD", "SUB", "MUL")},
    **{(op, "int32"): binary(op, 1, 2, 3) for op in ("ADD", "SUB", "MUL")},
    **{(f"CAST to {to}", "int32"): cast_to(to) for to in ("int64", "uint8")},
    **{(f"CAST to {to}", "int64"): cast_to(to) for to in ("int8", "uint8", "int32", "float32", "bool")},
    **{(f"CAST to {to}", "uint8"): cast_to(to) for to in ("int8", "int32", "int64", "float32")},
    **{("CAST to int64", dtype): cast_to("int64") for dtype in ("int8", "bool", "float32")},
    **{("CUMSUM", dtype): cumsum for dtype in ("int32", "int64")},
    ("ABS", "int32"): unary("ABS"),
    **{("NEG", dtype): unary("NEG") for dtype in ("int32", "int64")},
    ("ADD_N", "int32"): total,
    **{(op, dtype): place_of(op, "int32") for op in ("ARG_MAX", "ARG_MIN") for dtype in ("uint8", "int32")},
    **{(f"{op} to int64", "float32"): place_of(op, "int64") for op in ("ARG_MAX", "ARG_MIN")},
}
"""The same for LiteRT's reference kernels: what TensorFlow Lite Micro does not run, and fused activations of int32,
which it leaves out."""
