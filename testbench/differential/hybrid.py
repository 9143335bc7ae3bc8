"""Random layers of float32 data with int8 weights: (network, float32 input) -> output."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from testbench.differential.builder import Value
from testbench.differential.network import ACTIVATIONS, Generator, Network
from testbench.differential.operators import size_of, window_for


def conv_2d(net: Network, x: Value) -> Value:
    """Any window, stride, dilation; scales per channel or one."""
    at, out_c = window_for(net, x.shape[1], x.shape[2]), net.between(2, 6)
    weights = _weights(net, (out_c, at["k_h"], at["k_w"], x.shape[3]), out_c if net.chance(0.6) else 1, 0)
    return _windowed(net, "CONV_2D", x, weights, out_c, at)


def depthwise_conv_2d(net: Network, x: Value) -> Value:
    """Any window, stride, multiplier."""
    at, multiplier = window_for(net, x.shape[1], x.shape[2]), net.pick(1, 1, 2)
    out_c = x.shape[3] * multiplier
    weights = _weights(net, (1, at["k_h"], at["k_w"], out_c), out_c, 3)
    return _windowed(net, "DEPTHWISE_CONV_2D", x, weights, out_c, at, depth_multiplier=multiplier)


def transpose_conv(net: Network, x: Value) -> Value:
    """Any window and stride; scales per channel or one."""
    out_c, padding = net.between(1, 5), net.pick(0, 1)
    size, strides = (net.between(1, 3), net.between(1, 3)), (net.pick(1, 2), net.pick(1, 2, 3))
    weights = _weights(net, (out_c, *size, x.shape[3]), out_c if net.chance(0.6) else 1, 0)
    ends = zip(x.shape[1:3], size, strides, strict=True)
    shape = (x.shape[0], *(n * s if padding == 0 else (n - 1) * s + k for n, k, s in ends), out_c)
    options = {"padding": padding, "stride_h": strides[0], "stride_w": strides[1]}
    options["fused_activation_function"] = net.pick(*ACTIVATIONS)
    operands = [net.builder.constant(np.array(shape, np.int32)), weights, x, _bias(net, out_c)]
    y = net.builder.tensor(shape, dtype="float32")
    return net.builder.op("TRANSPOSE_CONV", operands, [y], version=4, **options)


def fully_connected(net: Network, x: Value) -> Value:
    """Rows of the last dimension; both ways to quantize them."""
    depth, out_c = x.shape[-1], net.between(1, 9)
    rows = int(np.prod(x.shape)) // depth
    scales = out_c if net.chance(0.5) else 1
    weights = _weights(net, (out_c, depth), scales, 0)
    options = {"fused_activation_function": net.pick(*ACTIVATIONS), "asymmetric_quantize_inputs": net.chance(0.5)}
    y = net.builder.tensor((rows, out_c), dtype="float32")
    version = 12 if scales > 1 else 9
    return net.builder.op("FULLY_CONNECTED", [x, weights, _bias(net, out_c)], [y], version=version, **options)


def _weights(net: Network, shape: tuple[int, ...], scales: int, axis: int) -> Value:
    return net.builder.constant(net.int8(shape), np.array([net.scale() for _ in range(scales)], np.float32), axis=axis)


def _bias(net: Network, count: int) -> Value:
    numbers: NDArray[np.float32] = net.random.standard_normal(count).astype(np.float32)
    return net.builder.constant(numbers)


def _windowed(net: Network, op: str, x: Value, weights: Value, out_c: int, at: dict[str, int], **more: int) -> Value:
    options = {"padding": at["padding"], "stride_h": at["s_h"], "stride_w": at["s_w"]}
    options |= {"dilation_h_factor": at["d_h"], "dilation_w_factor": at["d_w"]}
    options["fused_activation_function"] = net.pick(*ACTIVATIONS)
    y = net.builder.tensor((x.shape[0], *size_of(x, at), out_c), dtype="float32")
    version = 5 if op == "CONV_2D" else 6
    return net.builder.op(op, [x, weights, _bias(net, out_c)], [y], version=version, **options, **more)


LITERT: dict[str, Generator] = {
    "CONV_2D": conv_2d,
    "DEPTHWISE_CONV_2D": depthwise_conv_2d,
    "FULLY_CONNECTED": fully_connected,
    "TRANSPOSE_CONV": transpose_conv,
}
"""By operator, for LiteRT's reference kernels: TensorFlow Lite Micro refuses all of them."""
