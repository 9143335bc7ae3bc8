"""Random operators on int16 and float32: (network, input of that type) -> output."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from testbench.differential.builder import Value
from testbench.differential.network import ACTIVATIONS, EXTREME, Generator, Network

SAME, VALID = 0, 1
_BIASES: dict[str, tuple[str, ...]] = {
    "CONV_2D": ("", "int32", "int64"),
    "FULLY_CONNECTED": ("", "int32", "int64"),
    "DEPTHWISE_CONV_2D": ("", "int64"),
    "TRANSPOSE_CONV": ("", "int64"),
}
"""Types of an int16 operator's bias that TensorFlow Lite Micro takes for what they are."""


def given(net: Network, dtype: str, *shape: int, scale: float = 0.0) -> Value:
    """A new input of the model; int16 scales are as told, or mostly such that values are some hundreds at most."""
    scale = scale or (_power(net, -14, -6, (-20, 0)) if dtype == "int16" else 0.0)
    value = net.builder.tensor(shape, float(np.float32(scale)), 0, dtype)
    net.inputs.append(value)
    return value


def conv_2d(net: Network, x: Value) -> Value:
    """Any window and stride, groups."""
    groups = net.pick(1, 1, x.shape[3])
    out_c, at = groups * net.between(1, 4), _window(net, x)
    weights = _weights(net, x, (out_c, *at["size"], x.shape[3] // groups), out_c)
    shape = (x.shape[0], *_pixels(x, at), out_c)
    dilation = {"dilation_h_factor": 1, "dilation_w_factor": 1}
    return _weighted(net, "CONV_2D", x, weights, shape, out_c, **at["options"], **dilation, **_activation(net))


def depthwise_conv_2d(net: Network, x: Value) -> Value:
    """Any window and stride, a multiplier of 1 or 2."""
    multiplier, at = net.pick(1, 2), _window(net, x)
    out_c = x.shape[3] * multiplier
    weights = _weights(net, x, (1, *at["size"], out_c), out_c, 3)
    shape = (x.shape[0], *_pixels(x, at), out_c)
    options = {"dilation_h_factor": 1, "dilation_w_factor": 1, "depth_multiplier": multiplier, **_activation(net)}
    return _weighted(net, "DEPTHWISE_CONV_2D", x, weights, shape, out_c, **at["options"], **options)


def fully_connected(net: Network, x: Value) -> Value:
    """Rows of the last dimension."""
    out_c = net.between(1, 6)
    weights = _weights(net, x, (out_c, x.shape[3]), 1)
    shape = (int(np.prod(x.shape[:3])), out_c)
    return _weighted(net, "FULLY_CONNECTED", x, weights, shape, out_c, **_activation(net))


def transpose_conv(net: Network, x: Value) -> Value:
    """Any window and stride."""
    out_c, at = net.between(1, 5), _window(net, x)
    options, size = at["options"], at["size"]
    weights = _weights(net, x, (out_c, *size, x.shape[3]), out_c)
    strides = (options["stride_h"], options["stride_w"])
    ends = zip(x.shape[1:3], size, strides, strict=True)
    pixels = [n * s if options["padding"] == SAME else (n - 1) * s + k for n, k, s in ends]
    shape = (x.shape[0], *pixels, out_c)
    return _weighted(net, "TRANSPOSE_CONV", x, weights, shape, out_c, **options)


def binary(op: str) -> Generator:
    """ADD, SUB or MUL; the second input may be broadcast."""

    def make(net: Network, x: Value) -> Value:
        other = given(net, x.dtype, *(size if net.chance(0.6) else 1 for size in x.shape))
        reach = x.scale * other.scale * 2.0**13 if op == "MUL" else max(x.scale, other.scale)
        y = _output(net, x, x.shape, reach * _power(net, -1, 3, (-8, 12)))
        return net.builder.op(op, [x, other], [y], version=2, **_activation(net))

    return make


def pool(op: str) -> Generator:
    """Any window and stride."""

    def make(net: Network, x: Value) -> Value:
        options, shape = window_of(net, x)
        return net.builder.op(op, [x], [_output(net, x, shape, x.scale)], version=3, **options)

    return make


def window_of(net: Network, x: Value) -> tuple[dict[str, int], tuple[int, ...]]:
    """Options of a pooling operator, and the shape that it gives."""
    at = _window(net, x)
    size = {"filter_height": at["size"][0], "filter_width": at["size"][1]}
    return {**at["options"], **size, **_activation(net)}, (x.shape[0], *_pixels(x, at), x.shape[3])


def unary(op: str, scale: float = 0.0, **options: tuple[float, float]) -> Generator:
    """An output of this scale, 0.0 for any scale; options between two ends."""

    def make(net: Network, x: Value) -> Value:
        if scale and x.dtype == "int16" and net.chance(0.3):  # scales that LOGISTIC and TANH take as they are
            x = net.builder.tensor(x.shape, 2.0 ** -net.pick(11, 12, 13), 0, "int16")
            net.inputs.append(x)
        y = _output(net, x, x.shape, scale or x.scale * _power(net, -2, 4, (-14, 14)))
        drawn = {name: float(np.float32(net.random.uniform(*ends))) for name, ends in options.items()}
        return net.builder.op(op, [x], [y], version=2, **drawn)  # type: ignore[arg-type]

    return make


def relu6(net: Network, x: Value) -> Value:
    """On the scale of the input."""
    return net.builder.op("RELU6", [x], [_output(net, x, x.shape, x.scale)], version=2)


def pad(net: Network, x: Value) -> Value:
    """Along any dimensions."""
    paddings = net.random.integers(0, 3, (4, 2)).astype(np.int32)
    shape = [size + int(before + after) for size, (before, after) in zip(x.shape, paddings, strict=True)]
    return net.builder.op("PAD", [x, net.builder.constant(paddings)], [_output(net, x, shape, x.scale)], version=2)


def concatenation(net: Network, x: Value) -> Value:
    """Three tensors along any dimension."""
    axis = net.between(0, 3)
    shape = [size * 3 if i == axis else size for i, size in enumerate(x.shape)]
    others = [net.builder.tensor(x.shape, x.scale, 0, x.dtype) for _ in range(2)]
    net.inputs.extend(others)
    y = _output(net, x, shape, x.scale)
    return net.builder.op("CONCATENATION", [x, *others], [y], version=2, axis=axis, fused_activation_function=0)


GENERATORS: dict[str, Generator] = {
    "CONV_2D": conv_2d,
    "DEPTHWISE_CONV_2D": depthwise_conv_2d,
    "FULLY_CONNECTED": fully_connected,
    "TRANSPOSE_CONV": transpose_conv,
    **{op: binary(op) for op in ("ADD", "SUB", "MUL")},
    **{op: pool(op) for op in ("AVERAGE_POOL_2D", "MAX_POOL_2D")},
    **{op: unary(op, 2.0**-15) for op in ("LOGISTIC", "TANH")},
    "SOFTMAX": unary("SOFTMAX", 2.0**-15, beta=(0.0, 2.0)),
    "RELU": unary("RELU"),
    "RELU6": relu6,
    "LEAKY_RELU": unary("LEAKY_RELU", alpha=(-1.0, 2.0)),
    "PAD": pad,
    "CONCATENATION": concatenation,
}
"""By operator, for TensorFlow Lite Micro."""


def _power(net: Network, low: float, high: float, extreme: tuple[float, float]) -> float:
    """A power of two between the ends, at times between the wider ones; at times a whole power."""
    power = net.random.uniform(*extreme) if net.chance(EXTREME) else net.random.uniform(low, high)
    return float(np.float32(2.0 ** (round(power) if net.chance(EXTREME) else power)))


def _activation(net: Network) -> dict[str, int]:
    return {"fused_activation_function": net.pick(*ACTIVATIONS)}


def _window(net: Network, x: Value) -> dict[str, Any]:
    size = tuple(min(n, net.between(1, 3)) for n in x.shape[1:3])
    strides = {"stride_h": net.pick(1, 1, 2), "stride_w": net.pick(1, 1, 3)}
    return {"size": size, "options": {"padding": net.pick(SAME, VALID), **strides}}


def _pixels(x: Value, at: dict[str, Any]) -> list[int]:
    options = at["options"]
    ends = zip(x.shape[1:3], at["size"], (options["stride_h"], options["stride_w"]), strict=True)
    return [-(-n // s) if options["padding"] == SAME else (n - k) // s + 1 for n, k, s in ends]


def _weights(net: Network, x: Value, shape: tuple[int, ...], channels: int, axis: int = 0) -> Value:
    if x.dtype == "float32":
        return net.builder.constant(net.random.standard_normal(shape).astype(np.float32))
    count = channels if net.chance(0.7) else 1
    return net.builder.constant(net.int8(shape), np.float32(2.0 ** net.random.uniform(-9, -4, count)), axis=axis)


def _weighted(
    net: Network, op: str, x: Value, weights: Value, shape: tuple[int, ...], out_c: int, **options: int
) -> Value:
    bias = _bias(net, x, out_c, x.scale * weights.scale, str(net.random.choice(_BIASES[op])))
    y = _output(net, x, shape, x.scale * weights.scale * _power(net, 5, 11, (-4, 20)))
    operands: list[Value | None] = [x, weights, bias]
    if op == "TRANSPOSE_CONV":
        operands = [net.builder.constant(np.array(shape, np.int32)), weights, x, bias]
    if bias is None and op != "FULLY_CONNECTED":
        operands = operands[:-1]
    return net.builder.op(op, operands, [y], version=4, **options)


def _bias(net: Network, x: Value, count: int, scale: float, dtype: str) -> Value | None:
    if not dtype:
        return None
    if x.dtype == "float32":
        return net.builder.constant(net.random.standard_normal(count).astype(np.float32))
    data: NDArray[np.int64] = net.random.integers(-(1 << 18), 1 << 18, count)
    return net.builder.constant(data.astype(dtype), float(np.float32(scale)))


def _output(net: Network, x: Value, shape: Any, scale: float) -> Value:
    return net.builder.tensor(tuple(shape), float(np.float32(scale)) if x.dtype == "int16" else 0.0, 0, x.dtype)
