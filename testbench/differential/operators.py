"""Random int8 operators, one function each: (network, input) -> output."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from testbench.differential import detection, elementwise, helpers, moves, recurrent
from testbench.differential.builder import Value
from testbench.differential.network import ACTIVATIONS, Generator, Network, broadcast, either, other_input, rescaled

SAME, VALID = 0, 1


def conv_2d(net: Network, x: Value) -> Value:
    """Any window, stride, dilation, groups."""
    _, h, w, c = x.shape
    groups = net.pick(*[g for g in (1, 1, 1, 2, c) if c % g == 0])
    out_c = groups * net.between(1, 5)
    window = window_for(net, h, w)
    weights, scales = net.packed_weights((out_c, window["k_h"], window["k_w"], c // groups), out_c, axis=0)
    return _windowed(net, "CONV_2D", x, weights, scales, out_c, window)


def depthwise_conv_2d(net: Network, x: Value) -> Value:
    """Any window, stride, dilation, multiplier."""
    _, h, w, c = x.shape
    multiplier = net.pick(1, 1, 2, 3)
    window = window_for(net, h, w)
    weights, scales = net.packed_weights((1, window["k_h"], window["k_w"], c * multiplier), c * multiplier, axis=3)
    return _windowed(net, "DEPTHWISE_CONV_2D", x, weights, scales, c * multiplier, window, depth_multiplier=multiplier)


def fully_connected(net: Network, x: Value) -> Value:
    """Rows of the input's last dimension, or all of it as one row."""
    whole = net.chance(0.5)
    depth = int(np.prod(x.shape)) if whole else x.shape[-1]
    rows = int(np.prod(x.shape)) // depth
    out_c = net.between(1, 9)
    weights, scales = net.packed_weights((out_c, depth), out_c, axis=0)
    bias = net.bias(out_c, scales * np.float32(x.scale))
    real = float(np.max(scales)) * x.scale
    y = net.output((rows, out_c), max(net.scale_for(real), 60.0 * abs(real) * 2.0**-29))
    options = {"fused_activation_function": net.pick(*ACTIVATIONS), "keep_num_dims": False}
    return net.builder.op("FULLY_CONNECTED", [x, weights, bias], [y], version=4, **options)


def add(net: Network, x: Value) -> Value:
    """Two inputs, one of them perhaps broadcast or constant."""
    other = other_input(net, x)
    reach = 2 * max(x.scale, other.scale)
    y = net.output(broadcast(x, other), float(np.float32(reach * 2.0 ** net.random.uniform(-4, 3))))
    return net.builder.op("ADD", either(net, x, other), [y], fused_activation_function=net.pick(*ACTIVATIONS))


def mul(net: Network, x: Value) -> Value:
    """Two inputs, one of them perhaps broadcast or constant."""
    other = other_input(net, x)
    y = net.output(broadcast(x, other), net.scale_for(x.scale * other.scale))
    return net.builder.op("MUL", either(net, x, other), [y], fused_activation_function=net.pick(*ACTIVATIONS))


def average_pool_2d(net: Network, x: Value) -> Value:
    """Any window and stride."""
    return _pool(net, "AVERAGE_POOL_2D", x)


def max_pool_2d(net: Network, x: Value) -> Value:
    """Any window and stride."""
    return _pool(net, "MAX_POOL_2D", x)


def mean(net: Network, x: Value) -> Value:
    """Over one or two dimensions."""
    axes = sorted({int(a) for a in net.random.choice(4, size=net.pick(1, 2), replace=False)})
    axes = [1, 2] if net.chance(0.5) else axes
    keep = net.chance(0.5)
    shape = [1 if i in axes else size for i, size in enumerate(x.shape) if keep or i not in axes]
    y = net.like(x, shape) if net.chance(0.4) else net.output(shape, float(x.scale * 2.0 ** net.random.uniform(-3, 2)))
    return net.builder.op("MEAN", [x, net.builder.constant(np.array(axes, np.int32))], [y], version=2, keep_dims=keep)


def softmax(net: Network, x: Value) -> Value:
    """Over the last dimension, at times to int16."""
    y = net.output(x.shape, 1 / 256, -128)
    if net.chance(0.2):
        y = net.builder.tensor(x.shape, 2.0**-16, -(1 << 15), "int16")
    return net.builder.op("SOFTMAX", [x], [y], version=2, beta=float(net.pick(1, 1, 2)))


def logistic(net: Network, x: Value) -> Value:
    """1 / (1 + exp(-x))."""
    return net.builder.op("LOGISTIC", [x], [net.output(x.shape, 1 / 256, -128)], version=2)


def relu(net: Network, x: Value) -> Value:
    """With a change of scale."""
    return net.builder.op("RELU", [x], [rescaled(net, x)], version=2)


def relu6(net: Network, x: Value) -> Value:
    """On the scale of the input."""
    return net.builder.op("RELU6", [x], [net.like(x)], version=2)


def leaky_relu(net: Network, x: Value) -> Value:
    """With any alpha."""
    return net.builder.op("LEAKY_RELU", [x], [rescaled(net, x)], version=2, alpha=float(net.random.uniform(-1, 2)))


def reshape(net: Network, x: Value) -> Value:
    """Height and width swapped."""
    n, h, w, c = x.shape
    shape = net.builder.constant(np.array([n, w, h, c], np.int32))
    return net.builder.op("RESHAPE", [x, shape], [net.moved(x, (n, w, h, c))])


def pad(net: Network, x: Value) -> Value:
    """Along any dimensions."""
    paddings = net.random.integers(0, 3, (4, 2)).astype(np.int32)
    paddings[net.random.random(4) < 0.5] = 0
    shape = [size + int(before + after) for size, (before, after) in zip(x.shape, paddings, strict=True)]
    return net.builder.op("PAD", [x, net.builder.constant(paddings)], [net.moved(x, shape)], version=2)


def concatenation(net: Network, x: Value) -> Value:
    """Two to four tensors, some of them constant, along any dimension."""
    axis = net.between(0, 3)
    parts = [x]
    for _ in range(net.between(1, 3)):
        shape = [net.between(1, 4) if i == axis else size for i, size in enumerate(x.shape)]
        same = (x.scale, x.zero_point)
        constant = net.chance(0.2)
        parts.append(net.builder.constant(net.int8(shape), *same) if constant else net.given(shape, *same))
    shape = [sum(p.shape[axis] for p in parts) if i == axis else size for i, size in enumerate(x.shape)]
    return net.builder.op("CONCATENATION", parts, [net.like(x, shape)], version=2, axis=net.pick(axis, axis - 4))


GENERATORS: dict[str, Generator] = {
    "CONV_2D": conv_2d,
    "DEPTHWISE_CONV_2D": depthwise_conv_2d,
    "FULLY_CONNECTED": fully_connected,
    "ADD": add,
    "MUL": mul,
    "AVERAGE_POOL_2D": average_pool_2d,
    "MAX_POOL_2D": max_pool_2d,
    "MEAN": mean,
    "SOFTMAX": softmax,
    "LOGISTIC": logistic,
    "RELU": relu,
    "RELU6": relu6,
    "LEAKY_RELU": leaky_relu,
    "RESHAPE": reshape,
    "PAD": pad,
    "CONCATENATION": concatenation,
    **elementwise.GENERATORS,
    **moves.GENERATORS,
    **recurrent.GENERATORS,
    **helpers.GENERATORS,
    **detection.GENERATORS,
}
"""By operator, for TensorFlow Lite Micro."""

LITERT: dict[str, Generator] = {**elementwise.LITERT, **moves.LITERT, **helpers.LITERT}
"""By operator, for LiteRT's reference kernels: what TensorFlow Lite Micro does not run."""


def window_for(net: Network, h: int, w: int) -> dict[str, int]:
    """A window, stride, dilation and padding that fit an image."""
    padding = net.pick(SAME, VALID)
    k_h, k_w = net.pick(1, 1, 2, 3, 3, 5), net.pick(1, 1, 2, 3, 3, 5)
    d_h, d_w = (net.pick(1, 2, 3), net.pick(1, 2)) if net.chance(0.2) else (1, 1)
    if padding == VALID:
        k_h, k_w, d_h, d_w = min(k_h, h), min(k_w, w), 1 if k_h > h // 3 else d_h, 1 if k_w > w // 2 else d_w
        d_h = d_h if (k_h - 1) * d_h < h else 1
        d_w = d_w if (k_w - 1) * d_w < w else 1
    s_h, s_w = net.pick(1, 1, 2, 3), net.pick(1, 1, 2, 3)
    return {"k_h": k_h, "k_w": k_w, "d_h": d_h, "d_w": d_w, "s_h": s_h, "s_w": s_w, "padding": padding}


def _windowed(
    net: Network,
    op: str,
    x: Value,
    weights: Value,
    scales: NDArray[np.float32],
    out_c: int,
    at: dict[str, int],
    **more: int,
) -> Value:
    real = float(np.max(scales)) * x.scale
    y = net.output((x.shape[0], *size_of(x, at), out_c), net.scale_for(real))
    options = {
        "padding": at["padding"],
        "stride_h": at["s_h"],
        "stride_w": at["s_w"],
        "dilation_h_factor": at["d_h"],
        "dilation_w_factor": at["d_w"],
        "fused_activation_function": net.pick(*ACTIVATIONS),
    }
    inputs = [x, weights, net.bias(out_c, scales * np.float32(x.scale))]
    return net.builder.op(op, inputs if inputs[2] else inputs[:2], [y], version=3, **options, **more)


def size_of(x: Value, at: dict[str, int]) -> tuple[int, int]:
    """Rows and columns of the output."""
    sizes = []
    for size, axis in ((x.shape[1], "h"), (x.shape[2], "w")):
        stride, span = at[f"s_{axis}"], (at[f"k_{axis}"] - 1) * at[f"d_{axis}"] + 1
        sizes.append(-(-size // stride) if at["padding"] == SAME else (size - span) // stride + 1)
    return sizes[0], sizes[1]


def _pool(net: Network, op: str, x: Value) -> Value:
    at = window_for(net, x.shape[1], x.shape[2]) | {"d_h": 1, "d_w": 1}
    if net.chance(0.3):
        at |= {"k_h": x.shape[1], "k_w": x.shape[2], "padding": VALID}
    y = net.like(x, (x.shape[0], *size_of(x, at), x.shape[3]))
    options = {"padding": at["padding"], "stride_h": at["s_h"], "stride_w": at["s_w"]}
    options |= {
        "filter_height": at["k_h"],
        "filter_width": at["k_w"],
        "fused_activation_function": net.pick(*ACTIVATIONS),
    }
    return net.builder.op(op, [x], [y], version=2, **options)
